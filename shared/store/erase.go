package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/user"
)

// A tombstone is what is left of a user who was deleted. The id is the pseudonym under which audit
// logs name them. It is disabled for ever, so that nothing can be made for the user, and no restore
// brings them back.
type tombstone struct {
	ID         string    `dynamodbav:"id"`
	CreatedAt  time.Time `dynamodbav:"created_at"`
	DisabledAt time.Time `dynamodbav:"disabled_at"`
	DeletedAt  time.Time `dynamodbav:"deleted_at"`
	audit.Head           // of the account's log
}

// Erase disposes of the projects of a user, with their customers, and deletes the second factors and the person, whose deletion has begun, and whose sessions
// and keys have ended. The e-mail address is free then. For the time of remember, a hash of it keeps
// an import from bringing the user back. Error: ErrNotFound if it was done already.
//
// A refused sign-in is logged with a check of the login, so no entry comes after the login is gone. What
// the log has is erased before that too: it may be much, and the list of users has those with a login.
func (s *Store) Erase(ctx context.Context, u user.User, remember time.Duration, entry func(action string) audit.Entry, now time.Time, done *Ended) error {
	pass := func(place item) error { return s.pass(ctx, place, u.ID, entry, done) }
	if err := s.eachOf(ctx, u.ID, projects, func(places []item) error { return each(places, atOnce, pass) }); err != nil {
		return err
	}
	if err := pass(projectKey(user.DefaultProject(u.ID))); err != nil { // the index may not have it yet
		return err
	}
	if err := s.eraseFactors(ctx, u.ID); err != nil {
		return err
	}
	if err := s.eraseLog(ctx, u.ID); err != nil {
		return err
	}
	if err := s.eraseLogin(ctx, u, now.Add(remember)); err != nil {
		return err
	}
	if err := s.eraseLog(ctx, u.ID); err != nil {
		return err
	}
	left, err := marshal(tombstone{u.ID, u.CreatedAt, now.UTC(), now.UTC(), u.Head}, userKey(u.ID))
	if err != nil {
		return err
	}
	_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: left, ConditionExpression: aws.String("attribute_exists(deleting_at) AND attribute_not_exists(deleted_at)"),
	})
	return conditional("delete a user", err, ErrNotFound)
}

// eraseLogin deletes the login of a user whose deletion has begun, and remembers a hash of the address.
// If the login is gone already, or somebody else's by now, it does nothing.
func (s *Store) eraseLogin(ctx context.Context, u user.User, remembered time.Time) error {
	gone := goneKey(addressHash(u.Email))
	gone[attrExpiresAt] = num(remembered.Unix())
	_, err := s.transact(ctx, "delete a login",
		types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &s.table, Key: userKey(u.ID), ConditionExpression: aws.String("attribute_exists(deleting_at)"),
		}},
		types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: emailKey(u.Email), ConditionExpression: aws.String("user_id = :id"),
			ExpressionAttributeValues: item{":id": str(u.ID)},
		}},
		types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: gone}})
	if errors.Is(err, errCondition) {
		return nil
	}
	return err
}

// endSession is what an error of deleteOwned says was attempted, where the item is a session.
const endSession = "end a session"

// deleteOwned deletes an item if it is a user's. Error: ErrNotFound. Any other error says what was attempted.
func (s *Store) deleteOwned(ctx context.Context, what string, key item, userID string) error {
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.table, Key: key,
		ConditionExpression:       aws.String("#owner = :user"),
		ExpressionAttributeNames:  map[string]string{"#owner": "owner"},
		ExpressionAttributeValues: item{":user": str(userID)},
	})
	return conditional(what, err, ErrNotFound)
}

// deleteProject deletes a project as it was read. Error: ErrNotFound if it has another owner or heir by now.
func (s *Store) deleteProject(ctx context.Context, p project.Project) error {
	condition, values := "#owner = :user AND attribute_not_exists(heirs)", item{":user": str(p.Owner)}
	if len(p.Heirs) > 0 {
		condition, values[":heirs"] = "#owner = :user AND heirs = :heirs", &types.AttributeValueMemberSS{Value: p.Heirs}
	}
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.table, Key: projectKey(p.ID), ConditionExpression: &condition,
		ExpressionAttributeNames: map[string]string{"#owner": "owner"}, ExpressionAttributeValues: values,
	})
	return conditional("delete a project", err, ErrNotFound)
}

// addressHash names an e-mail address in an item that must not have it.
func addressHash(email string) string {
	sum := sha256.Sum256([]byte("latchkey: the address of a deleted user\x00" + email))
	return hex.EncodeToString(sum[:])
}

// ImportUser is CreateUser for one who comes from a list: users of that address who were deleted do
// not come back by themselves. Errors: ErrDuplicate, ErrDeleted.
func (s *Store) ImportUser(ctx context.Context, u user.User, passwordHash string, e audit.Entry, now time.Time) error {
	return s.createUser(ctx, u, passwordHash, []audit.Entry{e}, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &s.table, Key: goneKey(addressHash(u.Email)),
		ConditionExpression:                 aws.String("attribute_not_exists(pk) OR expires_at <= :now"),
		ExpressionAttributeValues:           item{":now": num(now.Unix())},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}})
}
