package store

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/session"
)

// What a factor proves, it proves once: the write that uses it is in the transaction of what it opens.

// ErrUsed reports a code that was used before, or a counter that did not grow.
var ErrUsed = errors.New("the factor was used before, or is gone")

// A Use is one use of a factor, after it was checked.
type Use struct {
	UserID    string
	Factor    string // its id; "" for a recovery code
	Type      string
	Step      int64  // of a TOTP code
	SignCount int64  // of a passkey
	Code      string // the hash of a recovery code
	Once      string // names what may be used once beside it: a token whose challenge a passkey signed
	OnceUntil int64  // epoch seconds at which that token is no good any more
	Now       time.Time

	Logged *audit.Entry // of the account's log, in no chain, so that no login waits for another
}

// using has the writes of a use.
func (s *Store) using(u Use) ([]types.TransactWriteItem, error) {
	update := types.Update{TableName: &s.table, Key: factorKey(u.UserID, u.Factor), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}
	switch u.Type {
	case factor.TOTP:
		update.UpdateExpression = aws.String("SET last_step = :step, last_used_at = :now")
		update.ConditionExpression = aws.String("attribute_exists(confirmed_at) AND (attribute_not_exists(last_step) OR last_step < :step)")
		update.ExpressionAttributeValues = item{":step": num(u.Step), ":now": num(u.Now.Unix())}
	case factor.Passkey:
		update.UpdateExpression = aws.String("SET sign_count = :count, last_used_at = :now")
		update.ConditionExpression = aws.String("attribute_exists(confirmed_at) AND (sign_count < :count OR sign_count = :zero AND :count = :zero)")
		update.ExpressionAttributeValues = item{":count": num(u.SignCount), ":now": num(u.Now.Unix()), ":zero": num(0)}
	default:
		update.Key = recoveryKey(u.UserID)
		update.UpdateExpression = aws.String("DELETE codes :codes")
		update.ConditionExpression = aws.String("contains(codes, :code)")
		update.ExpressionAttributeValues = item{":code": str(u.Code), ":codes": &types.AttributeValueMemberSS{Value: []string{u.Code}}}
	}
	writes := []types.TransactWriteItem{{Update: &update}}
	if u.Once != "" {
		it := onceKey(u.UserID, u.Once)
		it[attrExpiresAt] = num(u.OnceUntil)
		writes = append(writes, types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: it, ConditionExpression: aws.String(ifAbsent)}})
	}
	if u.Logged == nil {
		return writes, nil
	}
	entry, err := s.event(u.UserID, *u.Logged)
	return append(writes, entry), err
}

// ProveSession notes that the user of a session has proven who they are: by the use of a factor or, if
// that is nil, by their password. Errors: ErrUsed; session.ErrEnded; ErrConflict if the factors have
// changed since mark was read.
func (s *Store) ProveSession(ctx context.Context, id, userID, mark string, use *Use, now time.Time) error {
	of := s.mayHave(userID, "")
	withFactors(of.ConditionCheck, mark)
	values := item{":user": str(userID), ":now": num(now.Unix())}
	writes := []types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: sessionKey(id),
		UpdateExpression:          proven(":now", mark, values),
		ConditionExpression:       aws.String("#owner = :user AND expires_at > :now"),
		ExpressionAttributeNames:  map[string]string{"#owner": "owner"},
		ExpressionAttributeValues: values,
	}}, of}
	if use != nil {
		used, err := s.using(*use)
		if err != nil {
			return err
		}
		writes = append(writes, used...)
	}
	found, err := s.transact(ctx, "note a proof", writes...)
	if !errors.Is(err, errCondition) {
		return err
	}
	return cmp.Or(usedOrNot(found), session.ErrEnded)
}

// CreateSessionWith writes a new session together with the use of the factor that it needed, of a user
// whose mark of their factors is factors. Errors: ErrUsed; ErrConflict if the user, the password or the
// factors have changed, or the login was completed before.
func (s *Store) CreateSessionWith(ctx context.Context, ses session.Session, factors string, use Use, e audit.Entry) error {
	writes, err := s.newSession(ses, factors, e)
	if err != nil {
		return err
	}
	used, err := s.using(use)
	if err != nil {
		return err
	}
	found, err := s.transact(ctx, "write a new session with a second factor", append(writes, used...)...)
	if !errors.Is(err, errCondition) {
		return err
	}
	return cmp.Or(usedOrNot(found), ErrConflict)
}

// usedOrNot returns ErrUsed if what a condition found is a factor, and ErrConflict if it is a user.
func usedOrNot(found item) error {
	switch {
	case strings.HasPrefix(text(found, attrSK), factorPrefix):
		return ErrUsed
	case strings.HasPrefix(text(found, attrPK), "USER#"):
		return ErrConflict
	}
	return nil
}

// NoteCopy notes that the counter of a passkey ran backwards.
func (s *Store) NoteCopy(ctx context.Context, userID, id string, now time.Time) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: factorKey(userID, id),
		UpdateExpression:          aws.String("SET copied_at = :now"),
		ConditionExpression:       aws.String(ifPresent),
		ExpressionAttributeValues: item{":now": num(now.Unix())},
	})
	return conditional("note a copy of a passkey", err, nil)
}
