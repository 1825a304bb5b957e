package store

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/session"
)

// CreateSession writes a new session of a user who has no second factor, and the entry of the sign-in in
// the account's log. Error: ErrConflict if its user was disabled, has a factor, or another role or password
// than the session, or is getting another password.
func (s *Store) CreateSession(ctx context.Context, ses session.Session, e audit.Entry) error {
	writes, err := s.newSession(ses, "", e)
	if err != nil {
		return err
	}
	_, err = s.transact(ctx, "write a new session", writes...)
	if errors.Is(err, errCondition) {
		return ErrConflict
	}
	return err
}

// newSession has the writes of a new session, of a user whose mark of their factors is factors.
func (s *Store) newSession(ses session.Session, factors string, e audit.Entry) ([]types.TransactWriteItem, error) {
	entry, err := s.event(ses.UserID, e)
	if err != nil {
		return nil, err
	}
	it, err := marshal(ses, sessionKey(ses.ID), owned(ses.UserID, sessions, ses.CreatedAt, ses.ID))
	if err != nil {
		return nil, err
	}
	who := s.mayHave(ses.UserID, ses.Role)
	withPassword(who.ConditionCheck, ses)
	withFactors(who.ConditionCheck, factors)
	return []types.TransactWriteItem{who, s.justMade(ses.UserID, sessions, ses.ID, ses.CreatedAt), {Put: &types.Put{
		TableName: &s.table, Item: it, ConditionExpression: aws.String(ifAbsent),
	}}, entry}, nil
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
			if found.ID != id || found.UserID == "" || found.Role == "" {
				return errHalf
			}
			return found.Check(now)
		},
	})
	if errors.Is(err, ErrNotFound) {
		err = session.ErrEnded
	}
	return &found, state, err
}

// RotateSession moves a session from the generation of a refresh token to the next. It is one
// conditional write, so of any number of concurrent callers one succeeds. Errors:
// session.ErrEnded; ErrConflict, with the session as it is, if the generation is not the current one.
func (s *Store) RotateSession(ctx context.Context, id string, r session.Refresh) (session.Session, error) {
	until := r.Now.Add(r.Lifetime)
	// A family younger than this outlives the next refresh token. As texts, times are in order of
	// their whole seconds only.
	young := until.Add(-r.Family).UTC().Format(time.RFC3339)
	found, err := s.rotate(ctx, id, r, until, "created_at > :young", item{":young": str(young)})
	if !errors.Is(err, errCondition) {
		return found, err
	}
	if end := found.CreatedAt.Add(r.Family); found.Generation == r.Generation && end.After(r.Now) {
		// The whole family ends before its next refresh token would.
		found, err = s.rotate(ctx, id, r, earlier(until, end), ifPresent, nil)
		if !errors.Is(err, errCondition) {
			return found, err
		}
	}
	if err := found.Check(r.Now); err != nil {
		return session.Session{}, err
	}
	if found.Generation == r.Generation {
		return session.Session{}, session.ErrEnded
	}
	return found, ErrConflict
}

// rotate is one attempt, under one more condition. Error: errCondition, with the session as it is.
func (s *Store) rotate(ctx context.Context, id string, r session.Refresh, until time.Time, condition string, values item) (session.Session, error) {
	next := r.Generation + 1
	by, err := attributevalue.Marshal(session.Rotation{Generation: next, Address: r.Address, UserAgent: r.UserAgent})
	if err != nil {
		return session.Session{}, failed("marshal a rotation", err)
	}
	all := item{
		":gen": num(r.Generation), ":next": num(next), ":by": by, ":ms": num(r.Now.UnixMilli()),
		":now": num(r.Now.Unix()), ":until": num(until.Unix()),
	}
	maps.Copy(all, values)
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: sessionKey(id),
		UpdateExpression:                    aws.String("SET generation = :next, rotation = :by, rotated_at = :ms, last_used_at = :now, expires_at = :until"),
		ConditionExpression:                 aws.String("generation = :gen AND expires_at > :now AND " + condition),
		ExpressionAttributeValues:           all,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		found, err := unmarshal[session.Session](refused.Item)
		return found, cmp.Or(err, errCondition)
	}
	if err != nil {
		return session.Session{}, failed("rotate a session", err)
	}
	return unmarshal[session.Session](out.Attributes)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// SetTwoPlaces notes that a session was refreshed from two places at once. Error: ErrNotFound if it
// has ended.
func (s *Store) SetTwoPlaces(ctx context.Context, id string, places session.TwoPlaces) error {
	value, err := attributevalue.Marshal(places)
	if err != nil {
		return failed("marshal the places of a session", err)
	}
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: sessionKey(id),
		UpdateExpression:          aws.String("SET two_places = :places"),
		ConditionExpression:       aws.String(ifPresent),
		ExpressionAttributeValues: item{":places": value},
	})
	return conditional("note the places of a session", err, ErrNotFound)
}

// EndSession deletes a user's session. Error: ErrNotFound if it has ended or belongs to another
// user.
func (s *Store) EndSession(ctx context.Context, id, userID string) error {
	return s.deleteOwned(ctx, endSession, sessionKey(id), userID)
}

// Session reads a session, which may have expired. Error: ErrNotFound.
func (s *Store) Session(ctx context.Context, id string) (session.Session, error) {
	return get[session.Session](ctx, s, sessionKey(id))
}

// EndSessionLogged is EndSession for what ends a session from elsewhere: the account's log gets e, with the
// session's id and device.
func (s *Store) EndSessionLogged(ctx context.Context, ses session.Session, e audit.Entry) error {
	detail := map[string]string{"session": ses.ID}
	maps.Copy(detail, e.Detail)
	e.Detail, e.Label = detail, session.Device(ses.UserAgent)
	entry, err := s.event(ses.UserID, e)
	if err != nil {
		return err
	}
	_, err = s.transact(ctx, endSession, types.TransactWriteItem{Delete: &types.Delete{
		TableName: &s.table, Key: sessionKey(ses.ID),
		ConditionExpression:       aws.String("#owner = :user"),
		ExpressionAttributeNames:  map[string]string{"#owner": "owner"},
		ExpressionAttributeValues: item{":user": str(ses.UserID)},
	}}, entry)
	if errors.Is(err, errCondition) {
		return ErrNotFound
	}
	return err
}

// Sessions lists a user's sessions, newest first. An index says which there are, and it may not know yet the one
// that the user has just begun. So if current is not "", the first page has that session of the user whatever the
// index says, where need be as one more than the page's limit, and no later page has it.
func (s *Store) Sessions(ctx context.Context, userID, current string, page Page) ([]session.Session, Cursor, error) {
	wanted, next, err := s.placesOf(ctx, userID, sessions, page)
	if err != nil {
		return nil, "", err
	}
	if current != "" {
		place := sessionKey(current)
		wanted = slices.DeleteFunc(wanted, func(it item) bool { return text(it, attrPK) == text(place, attrPK) })
		if page.After == "" {
			wanted = append(wanted, place)
		}
	}
	list, err := getAll[session.Session](ctx, s, wanted)
	list = slices.DeleteFunc(list, func(found session.Session) bool { return found.UserID != userID })
	slices.SortStableFunc(list, func(a, b session.Session) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return list, next, err
}
