package store

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/user"
)

// Once there is an administrator, there is always one who can log in: whoever changes a user has a
// witness, an administrator who stays one. The change and a check of the witness are one transaction,
// so of two administrators who demote each other one fails: DynamoDB does one transaction first, and
// the other's witness is no administrator any more. The witness is whoever asks, or if they change
// themselves, another.

// ErrLastAdministrator reports a change that would leave nobody who administers.
var ErrLastAdministrator = errors.New("nobody else is an administrator")

// ErrNotAdministrator reports that whoever asks for a change is an administrator no more.
var ErrNotAdministrator = errors.New("not an administrator")

// A Change is what an administrator does to a user. Zero fields stay as they are.
type Change struct {
	Role     string
	Disabled *bool
	Delete   bool // begins the deletion: see Erase
}

// Done reports whether there is nothing to do, because the user is so already. To disable one who is
// disabled is something: a release that knows no disabled users may have let them log in meanwhile.
func (c Change) Done(u user.User) bool {
	return !c.Delete && u.Ending == "" && (c.Role == "" || c.Role == u.Role) &&
		(c.Disabled == nil || !*c.Disabled && u.DisabledAt == nil)
}

// apply returns the user after the change, and the update of their item.
func (c Change) apply(u user.User, now time.Time) (next user.User, u2 types.Update) {
	at := now.UTC()
	set, remove, values := "SET ending = :mark", "", item{":as_role": str(u.Role)}
	next = u
	if c.Role != "" {
		set += ", #role = :role"
		values[":role"], next.Role = str(c.Role), c.Role
	}
	if c.Delete {
		set += ", deleting_at = if_not_exists(deleting_at, :now)"
		next.DeletingAt = &at
	}
	disable := c.Delete || c.Disabled != nil && *c.Disabled
	if disable {
		set += ", disabled_at = if_not_exists(disabled_at, :now)"
		if next.DisabledAt == nil {
			next.DisabledAt = &at
		}
	} else if c.Disabled != nil {
		remove, next.DisabledAt = " REMOVE disabled_at", nil
	}
	if disable {
		values[":now"] = str(at.Format(time.RFC3339Nano))
	}
	next.Ending = rand.Text()
	values[":mark"] = str(next.Ending)
	return next, types.Update{UpdateExpression: aws.String(set + remove), ExpressionAttributeValues: values}
}

// actions are what the account's log says of the change.
func (c Change) actions(u user.User) (actions []string) {
	if c.Role != "" && c.Role != u.Role {
		actions = append(actions, audit.RoleChanged)
	}
	switch {
	case c.Delete && u.DeletingAt == nil:
		actions = append(actions, audit.Deleted)
	case c.Delete || c.Disabled == nil:
	case *c.Disabled && u.DisabledAt == nil:
		actions = append(actions, audit.Disabled)
	case !*c.Disabled && u.DisabledAt != nil:
		actions = append(actions, audit.Enabled)
	}
	return actions
}

// ChangeUser changes a user, and marks that there is something to end (End, Finish). by is the
// administrator who asks. Each entry of the account's log comes from entry. Errors: ErrNotFound, ErrNotAdministrator, ErrLastAdministrator; ErrConflict
// if the user is being deleted and the change is another.
func (s *Store) ChangeUser(ctx context.Context, by, id string, c Change, entry func(action string) audit.Entry, now time.Time) (user.User, error) {
	for {
		u, err := s.User(ctx, id)
		if err != nil {
			return user.User{}, err
		}
		if u.DeletingAt != nil && !c.Delete {
			return user.User{}, ErrConflict
		}
		witness, err := s.witness(ctx, by, id)
		if err != nil {
			return user.User{}, err
		}
		next, err := s.changeUserAsRead(ctx, witness, u, c, entry, now)
		if !errors.Is(err, errCondition) {
			return next, err
		}
		if err := ctx.Err(); err != nil {
			return user.User{}, failed("change a user in time", err)
		}
	}
}

// changeUserAsRead is ChangeUser if the user is as they were read; else errCondition, as also if the
// witness is no administrator any more.
func (s *Store) changeUserAsRead(ctx context.Context, witness string, u user.User, c Change, entry func(action string) audit.Entry, now time.Time) (user.User, error) {
	next, update := c.apply(u, now)
	var entries []audit.Entry
	for _, action := range c.actions(u) {
		e := entry(action)
		if action == audit.RoleChanged {
			e.Detail = map[string]string{"from": u.Role, "to": c.Role}
		}
		entries = append(entries, e)
	}
	logged, head, err := s.logged(u, entries...)
	if err != nil {
		return u, err
	}
	asRead, values := disabledAsRead(u), item{}
	if u.Ending == "" {
		asRead += " AND attribute_not_exists(ending)"
	} else {
		asRead += " AND ending = :ending"
		values[":ending"] = str(u.Ending)
	}
	maps.Copy(update.ExpressionAttributeValues, values)
	update.TableName, update.Key = &s.table, userKey(u.ID)
	update.ConditionExpression = aws.String(asRead + " AND attribute_not_exists(deleted_at) AND #role = :as_role")
	update.ExpressionAttributeNames = map[string]string{"#role": "role"}
	if len(entries) > 0 {
		moveHead(&update, u.Head, head)
		next.Head = head
	}
	_, err = s.transact(ctx, "change a user", append([]types.TransactWriteItem{{Update: &update}, {ConditionCheck: &types.ConditionCheck{
		TableName: &s.table, Key: userKey(witness),
		ConditionExpression:       aws.String("#role = :admin AND " + notDisabled),
		ExpressionAttributeNames:  map[string]string{"#role": "role"},
		ExpressionAttributeValues: item{":admin": str(user.Admin)},
	}}}, logged...)...)
	return next, err
}

// witness returns an administrator other than the user who is changed.
func (s *Store) witness(ctx context.Context, by, changed string) (string, error) {
	asks, err := s.User(ctx, by)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", err
	}
	if err != nil || !asks.Administers() {
		return "", ErrNotAdministrator
	}
	if by != changed {
		return by, nil
	}
	for page := (Page{Limit: mostGets}); ; {
		list, next, err := s.Users(ctx, "", page)
		if err != nil {
			return "", err
		}
		for _, u := range list {
			if u.ID != changed && u.Administers() {
				return u.ID, nil
			}
		}
		if page.After = next; next == "" {
			return "", ErrLastAdministrator
		}
	}
}

// Finish notes that nothing is left to end of what a change of the user marked. If there has been
// another change since, its mark stays.
func (s *Store) Finish(ctx context.Context, u user.User) (user.User, error) {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: userKey(u.ID),
		UpdateExpression:          aws.String("REMOVE ending"),
		ConditionExpression:       aws.String("ending = :mark"),
		ExpressionAttributeValues: item{":mark": str(u.Ending)},
	})
	if errors.As(err, new(*types.ConditionalCheckFailedException)) {
		return u, ErrConflict
	}
	u.Ending = ""
	return u, failed("finish a change of a user", err)
}
