package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/session"
)

// CreateSession writes a new session.
func (s *Store) CreateSession(ctx context.Context, ses session.Session) error {
	it, err := marshal(ses, sessionKey(ses.ID), owned(ses.UserID, sessions, ses.CreatedAt, ses.ID))
	if err != nil {
		return err
	}
	return s.putNew(ctx, it)
}

// CheckSession checks that a session has not ended, and counts the request if limit is not nil.
// It takes one round trip. Errors: session.ErrEnded, ErrLimited.
func (s *Store) CheckSession(ctx context.Context, id string, limit *ratelimit.Limit, now time.Time) (*session.Session, ratelimit.State, error) {
	var found session.Session
	state, err := s.admit(ctx, admission{
		key:    sessionKey(id),
		where:  "expires_at > :now",
		values: item{":now": num(now.Unix())},
		limit:  limit, now: now, dated: true,
		check: func(it item) (err error) {
			if found, err = unmarshal[session.Session](it); err != nil {
				return err
			}
			return found.Check(now)
		},
	})
	if errors.Is(err, ErrNotFound) {
		err = session.ErrEnded
	}
	return &found, state, err
}

// RotateSession moves a session from a generation of its refresh tokens to the next. It is one
// conditional write, so of any number of concurrent callers one succeeds. Errors:
// session.ErrEnded; ErrConflict, with the session as it is, if generation is not the current one.
func (s *Store) RotateSession(ctx context.Context, id string, generation int, lifetime time.Duration, now time.Time) (session.Session, error) {
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: sessionKey(id),
		UpdateExpression:    aws.String("SET generation = :next, rotated_at = :ms, last_used_at = :now, expires_at = :until"),
		ConditionExpression: aws.String("generation = :gen AND expires_at > :now"),
		ExpressionAttributeValues: item{
			":gen": num(generation), ":next": num(generation + 1), ":ms": num(now.UnixMilli()),
			":now": num(now.Unix()), ":until": num(now.Add(lifetime).Unix()),
		},
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		if refused.Item == nil {
			return session.Session{}, session.ErrEnded
		}
		found, err := unmarshal[session.Session](refused.Item)
		if err != nil {
			return session.Session{}, err
		}
		if err := found.Check(now); err != nil {
			return session.Session{}, err
		}
		return found, ErrConflict
	}
	if err != nil {
		return session.Session{}, failed("rotate a session", err)
	}
	return unmarshal[session.Session](out.Attributes)
}

// EndSession deletes a user's session. Error: ErrNotFound if it has ended or belongs to another
// user.
func (s *Store) EndSession(ctx context.Context, id, userID string) error {
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.table, Key: sessionKey(id),
		ConditionExpression:       aws.String("#owner = :user"),
		ExpressionAttributeNames:  map[string]string{"#owner": "owner"},
		ExpressionAttributeValues: item{":user": str(userID)},
	})
	if errors.As(err, new(*types.ConditionalCheckFailedException)) {
		return ErrNotFound
	}
	return failed("end a session", err)
}

// Sessions lists a user's sessions, newest first.
func (s *Store) Sessions(ctx context.Context, userID string, page Page) ([]session.Session, Cursor, error) {
	list, next, err := listOwned[session.Session](ctx, s, userID, sessions, page)
	slices.SortStableFunc(list, func(a, b session.Session) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return list, next, err
}
