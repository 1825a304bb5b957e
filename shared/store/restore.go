package store

import (
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
}

// NewRestored returns one that counts nothing.
func NewRestored() Restored {
	return Restored{map[string]int{}, map[string]int{}, map[string]int{}, []string{}}
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
}

// Restoring is what a restore is about.
type Restoring struct {
	From  string    // the restored table
	At    time.Time // the point in time that it shows
	Now   time.Time
	Entry func() audit.Entry // makes the entry in the log of a key that is copied
}

// shortLived kinds are left out: a session that was ended must not come back, and counts are of
// another time.
var shortLived = []string{"SESSION", "LIMIT", "FLUSH"}

// restorePage is how many items are read at once.
const restorePage = 100

// RestoreMissing copies the items of another table, restored from a point in time, which this table
// lacks. It changes no item that is there. A key that its log here says was deleted later is left
// out; one that was revoked or regenerated later is copied as revoked. It reads one page; next is
// the place to go on after, or nil. Repeating a page changes nothing.
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
	if kind == "KEY" && text(it, attrSK) == keySort {
		return r.key(ctx, it)
	}
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
	deleted, ended, err := r.since(ctx, k.ID)
	if err != nil {
		return err
	}
	if deleted {
		return r.count(r.done.LeftOut, "KEY")
	}
	ended = ended && k.RevokedAt == nil
	if ended {
		it["revoked_at"] = str(r.Now.UTC().Format(time.RFC3339Nano))
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
	if ended {
		r.mu.Lock()
		r.done.Revoked = append(r.done.Revoked, k.ID)
		r.mu.Unlock()
	}
	return r.count(r.done.Copied, "KEY")
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
	logged, head, err := r.s.append(k, r.Entry())
	if err != nil {
		return nil, err
	}
	set, err := marshal(head)
	maps.Copy(it, set)
	return logged, err
}

// since reports what the key's log says that happened after the point in time: whether the key was
// deleted, and whether it, or the secret that it had, has ended.
func (r *restore) since(ctx context.Context, keyID string) (deleted, ended bool, err error) {
	var point ulid.ULID
	if err := point.SetTime(ulid.Timestamp(r.At)); err != nil {
		return false, false, failed("read the point in time", err)
	}
	pages := dynamodb.NewQueryPaginator(r.s.db, &dynamodb.QueryInput{
		TableName: &r.s.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": str(keyPartition(keyID)), ":from": str(auditPrefix + point.String()), ":to": str(auditPrefix + "~")},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false, false, failed("query what happened to a key since", err)
		}
		for _, it := range page.Items {
			action := text(it, "action")
			deleted = deleted || action == audit.Deleted
			ended = ended || action == audit.Revoked || action == audit.Regenerated
		}
	}
	return deleted, ended, nil
}

func (r *restore) count(in map[string]int, kind string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	in[kind]++
	return nil
}
