package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/user"
)

// When a password is in force, no session is left that the one before opened:
//
//	BeginPassword   the user's item says that the password is being replaced: nobody logs in from here on
//	EndSessions     every session ends
//	FinishPassword  one transaction: the login gets the hash, and login and user the mark of the new password
//
// A new password also makes every link useless by which another could be set.
//
// The mark settles a login that is under way: it read the old hash and the old mark together, and its
// session is made only if that is still the user's mark. If the process dies before the last step, the old
// password stays, and lets in again when replaceTime is over. Whoever begins later wins: the earlier one
// does not finish.

// replaceTime is longer than any function that replaces a password can run, so that none finishes later.
const replaceTime = time.Minute

// BeginPassword makes the first step for a user as they were read, whose link of that purpose allows it, or
// without one ("") their password. It returns the user as they are now. Error: ErrConflict if they are
// disabled or deleted, or have another link or another password by now.
func (s *Store) BeginPassword(ctx context.Context, u user.User, by link.Purpose, now time.Time) (user.User, error) {
	u.ReplacedBy, u.ReplacedUntil = rand.Text(), now.Add(replaceTime).Unix()
	condition, values := sameMark(u.PasswordMark)
	var names map[string]string
	if by != "" {
		condition += " AND #link.#hash = :link"
		names, values[":link"] = map[string]string{"#link": attrLink(by), "#hash": "hash"}, str(u.Link(by).Hash)
	}
	values[":by"], values[":until"] = str(u.ReplacedBy), num(u.ReplacedUntil)
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: userKey(u.ID),
		UpdateExpression:          aws.String("SET replaced_by = :by, replaced_until = :until"),
		ConditionExpression:       aws.String(ifPresent + " AND " + notDisabled + " AND " + condition),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: values,
	})
	return u, conditional("begin to replace a password", err, ErrConflict)
}

// FinishPassword makes the last step for what BeginPassword returned, with the entry of the account's log.
// Error: ErrConflict if another one has begun since, or the user is disabled or deleted.
func (s *Store) FinishPassword(ctx context.Context, u user.User, hash string, e audit.Entry) error {
	return s.setPassword(ctx, u, u.ReplacedBy, hash, "replaced_by = :mark AND "+notDisabled, e)
}

// SetPassword is for an operator. It keeps the user's sessions, and takes the place of a replacement that
// has begun. Error: ErrNotFound.
func (s *Store) SetPassword(ctx context.Context, email, hash string, e audit.Entry) error {
	found, err := s.Login(ctx, email)
	if err != nil {
		return err
	}
	u, err := s.User(ctx, found.UserID)
	if err == nil {
		err = s.setPassword(ctx, u, rand.Text(), hash, ifPresent+" AND attribute_not_exists(deleting_at)", e)
	}
	if errors.Is(err, ErrConflict) {
		return ErrNotFound
	}
	return err
}

// setPassword puts a password in force, under a condition on the user's item. Error: ErrConflict if it does not hold.
func (s *Store) setPassword(ctx context.Context, u user.User, mark, hash, condition string, e audit.Entry) error {
	return s.updateLogged(ctx, "set a password", u, types.Update{
		UpdateExpression:          aws.String("SET password_mark = :mark REMOVE replaced_by, replaced_until, reset_link, invitation_link, invited_at"),
		ConditionExpression:       &condition,
		ExpressionAttributeValues: item{":mark": str(mark)},
	}, e, types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: emailKey(u.Email),
		UpdateExpression:          aws.String("SET password_hash = :hash, password_mark = :mark"),
		ConditionExpression:       aws.String("user_id = :id"),
		ExpressionAttributeValues: item{":hash": str(hash), ":mark": str(mark), ":id": str(u.ID)},
	}})
}

// withPassword adds to the check of a session's user that the password is the one that the session was
// opened with, and is not being replaced.
func withPassword(check *types.ConditionCheck, ses session.Session) {
	condition, values := sameMark(ses.PasswordMark)
	values[":now"] = num(ses.CreatedAt.Unix())
	*check.ConditionExpression += fmt.Sprintf(" AND (%s OR %s AND (attribute_not_exists(replaced_until) OR replaced_until <= :now))", ifAbsent, condition)
	maps.Copy(values, check.ExpressionAttributeValues)
	check.ExpressionAttributeValues = values
}

// sameMark is the condition that a user's password has that mark, with its values.
func sameMark(mark string) (string, item) {
	if mark == "" {
		return "attribute_not_exists(password_mark)", item{}
	}
	return "password_mark = :as_read", item{":as_read": str(mark)}
}
