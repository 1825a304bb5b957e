package store

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/user"
)

// A Place is an item's primary key.
type Place struct {
	PK string `dynamodbav:"pk" json:"pk"`
	SK string `dynamodbav:"sk" json:"sk"`
}

// Restored counts the items of a restored table, by the first word of their partition key, and by
// what became of them.
type Restored struct {
	Copied  map[string]int `json:"copied"`   // they were missing
	There   map[string]int `json:"there"`    // they stay as they are
	LeftOut map[string]int `json:"left_out"` // they have ended, or were deleted since
	Revoked []string       `json:"revoked"`  // keys that were copied as revoked, since they were revoked or regenerated later

	Disabled []string `json:"disabled"` // keys and customers that were copied as disabled, since they were changed later
}

// NewRestored returns one that counts nothing.
func NewRestored() Restored {
	return Restored{map[string]int{}, map[string]int{}, map[string]int{}, []string{}, []string{}}
}

// Add adds what was done on another page.
func (r *Restored) Add(page Restored) {
	for kind, n := range page.Copied {
		r.Copied[kind] += n
	}
	for kind, n := range page.There {
		r.There[kind] += n
	}
	for kind, n := range page.LeftOut {
		r.LeftOut[kind] += n
	}
	r.Revoked = append(r.Revoked, page.Revoked...)
	r.Disabled = append(r.Disabled, page.Disabled...)
}

// Restoring is what a restore is about.
type Restoring struct {
	From  string    // the restored table
	At    time.Time // the point in time that it shows
	Now   time.Time
	Entry func(action string) audit.Entry // makes the entry in the log of a key or user that is copied
}

// shortLived kinds are left out: a session that was ended must not come back, and counts are of
// another time.
var shortLived = []string{"SESSION", "LIMIT", "FLUSH"}

// restorePage is how many items are read at once.
const restorePage = 100

// RestoreMissing copies the items of another table, restored from a point in time, which this table
// lacks. It changes no item that is there. A key that its log here says was deleted later is left
// out; one that was revoked or regenerated later is copied as revoked, and one that was changed later as
// disabled. Customers are in restorecustomers.go. It reads one page; next is the place to go on after, or nil. Repeating a page changes nothing.
func (s *Store) RestoreMissing(ctx context.Context, restoring Restoring, after *Place) (done Restored, next *Place, err error) {
	in := &dynamodb.ScanInput{TableName: &restoring.From, Limit: aws.Int32(restorePage)}
	if after != nil {
		in.ExclusiveStartKey = primaryKey(after.PK, after.SK)
	}
	out, err := s.db.Scan(ctx, in)
	if err != nil {
		return done, nil, failed("read the restored table", err)
	}
	if out.LastEvaluatedKey != nil {
		next = &Place{text(out.LastEvaluatedKey, attrPK), text(out.LastEvaluatedKey, attrSK)}
	}
	r := restore{Restoring: restoring, s: s, done: NewRestored()}
	err = each(out.Items, atOnce, func(it item) error { return r.one(ctx, it) })
	return r.done, next, err
}

type restore struct {
	Restoring
	s *Store

	mu   sync.Mutex
	done Restored
}

func (r *restore) one(ctx context.Context, it item) error {
	kind, _, _ := strings.Cut(text(it, attrPK), "#")
	expires := number(it, attrExpiresAt)
	if slices.Contains(shortLived, kind) || expires != 0 && expires <= r.Now.Unix() {
		return r.count(r.done.LeftOut, kind)
	}
	if sk := text(it, attrSK); kind == "USER" && (strings.HasPrefix(sk, newPrefix) || strings.HasPrefix(sk, oncePrefix)) { // of another time too
		return r.count(r.done.LeftOut, kind)
	}
	switch {
	case kind == "CUSTOMER":
		return r.ofCustomer(ctx, it)
	case kind == "KEY" && text(it, attrSK) == keySort:
		return r.key(ctx, it)
	case kind == "USER" && text(it, attrSK) == userSort:
		return r.user(ctx, it)
	case kind == "USER" && strings.HasPrefix(text(it, attrSK), auditPrefix):
		owner, err := r.now(ctx, strings.TrimPrefix(text(it, attrPK), userPartition("")))
		if err != nil {
			return err
		}
		if owner.DeletingAt != nil || owner.DeletedAt != nil {
			without(it, audit.Personal)
		}
	}
	isFactor := kind == "USER" && strings.HasPrefix(text(it, attrSK), factorPrefix)
	if of := cmp.Or(text(it, attrUserID), text(it, "owner"), strings.TrimPrefix(text(it, attrPK), "USER#")); kind == "EMAIL" || kind == "PROJECT" || isFactor {
		owner, err := r.now(ctx, of)
		if err != nil {
			return err
		}
		if owner.DeletingAt != nil || owner.DeletedAt != nil {
			return r.count(r.done.LeftOut, kind)
		}
	}
	return r.copy(ctx, kind, it)
}

func (r *restore) copy(ctx context.Context, kind string, it item) error {
	_, err := r.s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &r.s.table, Item: it, ConditionExpression: aws.String(ifAbsent)})
	if errors.As(err, new(*types.ConditionalCheckFailedException)) {
		return r.count(r.done.There, kind)
	}
	if err != nil {
		return failed("copy a "+nameOf(it), err)
	}
	return r.count(r.done.Copied, kind)
}

// key copies a key together with an entry in its log.
func (r *restore) key(ctx context.Context, it item) error {
	k, err := unmarshal[apikey.Key](it)
	if err != nil {
		return err
	}
	since, err := r.since(ctx, keyPartition(k.ID))
	if err != nil {
		return err
	}
	if since[audit.Deleted] {
		return r.count(r.done.LeftOut, "KEY")
	}
	owner, err := r.now(ctx, k.Owner)
	if err != nil {
		return err
	}
	if owner.DeletedAt != nil {
		return r.count(r.done.LeftOut, "KEY")
	}
	noRight := owner.DisabledAt != nil || owner.Role == user.Member && RoleFor(k) == user.Admin
	ended := (since[audit.Revoked] || since[audit.Regenerated] || noRight) && k.RevokedAt == nil
	changed := since[audit.Updated] && !ended && k.RevokedAt == nil && k.DisabledAt == nil
	switch now := str(r.Now.UTC().Format(time.RFC3339Nano)); {
	case ended:
		it["revoked_at"] = now
	case changed:
		turnOff(it)
		it[attrDisabledAt] = now
	}
	logged, err := r.logged(ctx, k, it)
	if err != nil {
		return err
	}
	_, err = r.s.transact(ctx, "copy a key", append([]types.TransactWriteItem{{Put: &types.Put{
		TableName: &r.s.table, Item: it, ConditionExpression: aws.String(ifAbsent),
	}}}, logged...)...)
	if errors.Is(err, errCondition) {
		return r.count(r.done.There, "KEY")
	}
	if err != nil {
		return err
	}
	r.note(ended, &r.done.Revoked, k.ID)
	r.note(changed, &r.done.Disabled, k.ID)
	return r.count(r.done.Copied, "KEY")
}

func (r *restore) note(is bool, in *[]string, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if is {
		*in = append(*in, id)
	}
}

// logged has the writes of the entry at the end of the key's log, which may have gone on since the
// point in time, and puts the new head on the key's item.
func (r *restore) logged(ctx context.Context, k apikey.Key, it item) ([]types.TransactWriteItem, error) {
	_, _, newest, err := r.s.LogOf(ctx, k.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	if newest.ChainSeq > k.ChainSeq {
		k.Head = newest
	}
	logged, head, err := r.s.append(k, r.Entry(audit.Created))
	if err != nil {
		return nil, err
	}
	set, err := marshal(head)
	maps.Copy(it, set)
	return logged, err
}

// since returns the actions of which the log in a partition says that they happened after the point in time.
func (r *restore) since(ctx context.Context, partition string) (map[string]bool, error) {
	var point ulid.ULID
	if err := point.SetTime(ulid.Timestamp(r.At)); err != nil {
		return nil, failed("read the point in time", err)
	}
	actions := map[string]bool{}
	pages := dynamodb.NewQueryPaginator(r.s.db, &dynamodb.QueryInput{
		TableName: &r.s.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": str(partition), ":from": str(auditPrefix + point.String()), ":to": str(auditPrefix + "~")},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, failed("query what happened to a key or a customer since", err)
		}
		for _, it := range page.Items {
			actions[text(it, "action")] = true
		}
	}
	return actions, nil
}

func (r *restore) count(in map[string]int, kind string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	in[kind]++
	return nil
}
