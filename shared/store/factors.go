package store

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/user"
)

// The user's item has a mark of their factors, which each change of them replaces. Whoever read the
// factors, or that there are none, names the mark in the condition of what they write. So a session is
// made only of what the login asked for, and a factor is never the last one by mistake.

// A factor that was removed leaves a mark for a while, so that no restore of the table brings it back.

// ErrUnproven reports that the session has not proven a moment ago who its user is, or has ended.
var ErrUnproven = errors.New("the session has no fresh proof")

// A Proof is what a session must have proven before it changes the factors of its user.
type Proof struct {
	Session, UserID string
	Factors         string // the mark of the user's factors
	Now             time.Time
}

// condition is that the proof is there, and that the factors have not changed in another session since.
func (p Proof) condition() (text string, names map[string]string, values item) {
	values = item{":user": str(p.UserID), ":now": num(p.Now.Unix()), ":since": num(p.Now.Add(-factor.ProvenFor).Unix())}
	with := "attribute_not_exists(proven_with)"
	if p.Factors != "" {
		with, values[":with"] = "proven_with = :with", str(p.Factors)
	}
	return "#owner = :user AND expires_at > :now AND proven_at > :since AND " + with, map[string]string{"#owner": "owner"}, values
}

// check is that condition, for a transaction.
func (s *Store) check(p Proof) types.TransactWriteItem {
	condition, names, values := p.condition()
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &s.table, Key: sessionKey(p.Session), ConditionExpression: &condition,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}
}

// keep is check for a change of the factors, whose mark is then next: in the session that makes it the proof
// stays one.
func (s *Store) keep(p Proof, next string) types.TransactWriteItem {
	condition, names, values := p.condition()
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: sessionKey(p.Session), UpdateExpression: proven("proven_at", next, values),
		ConditionExpression: &condition, ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}
}

// proven is the update of a session whose proof is of the time at, and of factors with that mark.
func proven(at, mark string, values item) *string {
	if mark == "" {
		return aws.String("SET proven_at = " + at + " REMOVE proven_with")
	}
	values[":mark"] = str(mark)
	return aws.String("SET proven_at = " + at + ", proven_with = :mark")
}

// recoveryItem is USER#<id> FACTOR#RECOVERY.
type recoveryItem struct {
	Codes     []string  `dynamodbav:"codes,stringset,omitempty"` // DynamoDB removes a set with its last element
	CreatedAt time.Time `dynamodbav:"created_at"`
}

// Factors reads the factors of a user, and of the pending ones those that can still be confirmed.
func (s *Store) Factors(ctx context.Context, userID string, now time.Time) (set factor.Set, err error) {
	found, err := s.factorItems(ctx, userID)
	for _, it := range found {
		if text(it, attrSK) == recoverySort {
			codes, err := unmarshal[recoveryItem](it)
			if err != nil {
				return set, err
			}
			set.Codes = codes.Codes
			continue
		}
		if it[attrRemovedAt] != nil {
			continue
		}
		f, err := unmarshal[factor.Factor](it)
		if err != nil {
			return set, err
		}
		if !f.Pending() || f.ExpiresAt > now.Unix() {
			set.Factors = append(set.Factors, f)
		}
	}
	slices.SortFunc(set.Factors, func(a, b factor.Factor) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return set, err
}

// factorItems reads all that a user has and had.
func (s *Store) factorItems(ctx context.Context, userID string) (all []item, err error) {
	pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":pk": userKey(userID)[attrPK], ":prefix": str(factorPrefix)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, failed("query the factors of a user", err)
		}
		all = append(all, page.Items...)
	}
	return all, nil
}

// BeginFactor writes a pending factor. Error: ErrUnproven.
func (s *Store) BeginFactor(ctx context.Context, f factor.Factor, proof Proof) error {
	it, err := marshal(f, factorKey(f.UserID, f.ID))
	if err != nil {
		return err
	}
	return s.factorWrites(ctx, "begin a factor", s.check(proof),
		types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: it, ConditionExpression: aws.String(ifAbsent)}})
}

// ConfirmFactor makes a pending factor one that logins ask for. u and set are as they were read; codes
// are the hashes of new recovery codes, if the user gets them now. The account's log gets e. Errors:
// ErrUnproven; ErrConflict if something has changed since.
func (s *Store) ConfirmFactor(ctx context.Context, u user.User, set factor.Set, f factor.Factor, codes []string, proof Proof, e audit.Entry) error {
	next := rand.Text()
	writes, err := s.confirming(u, set, f, codes, next, proof.Now, e)
	if err != nil {
		return err
	}
	return s.factorWrites(ctx, "confirm a factor", append(writes, s.keep(proof, next))...)
}

// confirming has the writes of a confirmation.
func (s *Store) confirming(u user.User, set factor.Set, f factor.Factor, codes []string, next string, now time.Time, e audit.Entry) ([]types.TransactWriteItem, error) {
	at := now.UTC()
	f.ConfirmedAt, f.Session, f.Challenge, f.ExpiresAt = &at, "", "", 0
	it, err := marshal(f, factorKey(u.ID, f.ID))
	if err != nil {
		return nil, err
	}
	set.Factors = append(slices.Clone(set.Factors), f)
	writes, err := s.marking(u, set.Types(), next, ofFactor(e, f))
	if err != nil {
		return nil, err
	}
	writes = append(writes, types.TransactWriteItem{Put: &types.Put{
		TableName: &s.table, Item: it,
		ConditionExpression:       aws.String("attribute_exists(pk) AND attribute_not_exists(confirmed_at) AND expires_at > :now"),
		ExpressionAttributeValues: item{":now": num(now.Unix())},
	}})
	if codes == nil {
		return writes, nil
	}
	recovery, err := s.putCodes(u.ID, codes, now)
	return append(writes, recovery), err
}

// RemoveFactor removes a factor, and with the last one the recovery codes. The account's log gets e, unless
// the factor was pending. Errors: ErrUnproven; ErrConflict if something has changed since u and set were read.
func (s *Store) RemoveFactor(ctx context.Context, u user.User, set factor.Set, f factor.Factor, proof Proof, e audit.Entry) error {
	if f.Pending() {
		return s.factorWrites(ctx, "remove a pending factor", s.check(proof), types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: factorKey(u.ID, f.ID), ConditionExpression: aws.String(ifPresent + " AND attribute_not_exists(confirmed_at)"),
		}})
	}
	set.Factors = slices.DeleteFunc(slices.Clone(set.Factors), func(one factor.Factor) bool { return one.ID == f.ID })
	left, next := set.Types(), ""
	if left != nil {
		next = rand.Text()
	}
	writes, err := s.marking(u, left, next, ofFactor(e, f))
	if err != nil {
		return err
	}
	writes = append([]types.TransactWriteItem{s.keep(proof, next), s.removed(u.ID, f, proof.Now)}, writes...)
	if left == nil {
		none, err := s.putCodes(u.ID, nil, proof.Now)
		if err != nil {
			return err
		}
		writes = append(writes, none)
	}
	return s.factorWrites(ctx, "remove a factor", writes...)
}

// RemoveFactors removes all that a user has, for an administrator, whose proof it is. The account's log gets
// an entry for each that was confirmed. Errors: ErrUnproven; ErrConflict if something has changed since u and
// set were read.
func (s *Store) RemoveFactors(ctx context.Context, u user.User, set factor.Set, proof Proof, entry func(action string) audit.Entry) error {
	var entries []audit.Entry
	for _, f := range set.Factors {
		if !f.Pending() {
			entries = append(entries, ofFactor(entry(audit.FactorRemoved), f))
		}
	}
	writes, err := s.marking(u, nil, "", entries...)
	if err != nil {
		return err
	}
	none, err := s.putCodes(u.ID, nil, proof.Now)
	if err != nil {
		return err
	}
	writes = append([]types.TransactWriteItem{s.check(proof), none}, writes...)
	for _, f := range set.Factors {
		writes = append(writes, s.removed(u.ID, f, proof.Now))
	}
	return s.factorWrites(ctx, "remove the factors of a user", writes...)
}

// removed puts the mark of a removed factor in its place.
func (s *Store) removed(userID string, f factor.Factor, now time.Time) types.TransactWriteItem {
	it := factorKey(userID, f.ID)
	it[attrRemovedAt] = str(now.UTC().Format(time.RFC3339Nano))
	it[attrExpiresAt] = num(now.Add(removedFor).Unix())
	return types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: it, ConditionExpression: aws.String(ifPresent)}}
}

const (
	attrRemovedAt = "removed_at"
	// removedFor is how long the mark of a removed factor stays: longer than most keep backups.
	removedFor = 400 * 24 * time.Hour
)

// eraseFactors deletes all that a user has and had.
func (s *Store) eraseFactors(ctx context.Context, userID string) error {
	found, err := s.factorItems(ctx, userID)
	if err != nil {
		return err
	}
	return each(found, atOnce, func(it item) error {
		_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.table, Key: primaryKey(text(it, attrPK), text(it, attrSK))})
		return failed("delete a factor", err)
	})
}

// ReplaceCodes replaces the recovery codes of a user who has a factor. The account's log gets e. Errors:
// ErrUnproven; ErrConflict if something has changed since u was read.
func (s *Store) ReplaceCodes(ctx context.Context, u user.User, codes []string, proof Proof, e audit.Entry) error {
	put, err := s.putCodes(u.ID, codes, proof.Now)
	if err != nil {
		return err
	}
	logged, head, err := s.logged(u, e)
	if err != nil {
		return err
	}
	condition, values := factorsAsRead(u.Factors)
	update := types.Update{
		TableName: &s.table, Key: userKey(u.ID), UpdateExpression: aws.String(""),
		ConditionExpression: aws.String(ifPresent + " AND " + notDisabled + " AND " + condition), ExpressionAttributeValues: values,
	}
	moveHead(&update, u.Head, head)
	return s.factorWrites(ctx, "replace recovery codes", append(logged, s.check(proof), types.TransactWriteItem{Update: &update}, put)...)
}

func (s *Store) putCodes(userID string, codes []string, now time.Time) (types.TransactWriteItem, error) {
	it, err := marshal(recoveryItem{codes, now.UTC()}, recoveryKey(userID))
	return types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: it}}, err
}

// ofFactor is an entry of the account's log about a factor.
func ofFactor(e audit.Entry, f factor.Factor) audit.Entry {
	e.Label, e.Detail = f.Name, map[string]string{"factor": f.ID, "type": f.Type}
	return e
}

// marking has the update of a user whose factors change to those types, and their mark to next, with the
// entries of the account's log. Its condition is that the user is there, with no deletion begun, and has the mark that was read.
func (s *Store) marking(u user.User, left []string, next string, entries ...audit.Entry) ([]types.TransactWriteItem, error) {
	logged, head, err := s.logged(u, entries...)
	if err != nil {
		return nil, err
	}
	update := types.Update{
		TableName: &s.table, Key: userKey(u.ID), ExpressionAttributeValues: item{},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	condition, values := factorsAsRead(u.Factors)
	update.ConditionExpression = aws.String("attribute_exists(pk) AND attribute_not_exists(deleting_at) AND attribute_not_exists(deleted_at) AND " + condition)
	if left == nil {
		update.UpdateExpression = aws.String("REMOVE factors, factor_types")
	} else {
		update.UpdateExpression = aws.String("SET factors = :next, factor_types = :types")
		update.ExpressionAttributeValues[":next"] = str(next)
		update.ExpressionAttributeValues[":types"] = list(left)
	}
	maps.Copy(update.ExpressionAttributeValues, values)
	if len(entries) > 0 {
		moveHead(&update, u.Head, head)
	}
	if len(update.ExpressionAttributeValues) == 0 {
		update.ExpressionAttributeValues = nil
	}
	return append([]types.TransactWriteItem{{Update: &update}}, logged...), nil
}

func list(words []string) types.AttributeValue {
	var all []types.AttributeValue
	for _, word := range words {
		all = append(all, str(word))
	}
	return &types.AttributeValueMemberL{Value: all}
}

// factorsAsRead is the condition that no factor was added or removed since the mark was read.
func factorsAsRead(mark string) (condition string, values item) {
	if mark == "" {
		return "attribute_not_exists(factors)", nil
	}
	return "factors = :factors", item{":factors": str(mark)}
}

// withFactors adds that condition to a check of a user.
func withFactors(check *types.ConditionCheck, mark string) {
	condition, values := factorsAsRead(mark)
	check.ConditionExpression = aws.String(aws.ToString(check.ConditionExpression) + " AND " + condition)
	if check.ExpressionAttributeValues == nil && values != nil {
		check.ExpressionAttributeValues = item{}
	}
	maps.Copy(check.ExpressionAttributeValues, values)
}

// factorWrites writes a change of factors. Errors: ErrUnproven, ErrConflict.
func (s *Store) factorWrites(ctx context.Context, attempt string, writes ...types.TransactWriteItem) error {
	found, err := s.transact(ctx, attempt, writes...)
	switch {
	case !errors.Is(err, errCondition):
		return err
	case strings.HasPrefix(text(found, attrPK), "SESSION#"):
		return ErrUnproven
	}
	return ErrConflict
}
