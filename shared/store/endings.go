package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/user"
)

// Ended is how much an End, and an Erase after it, have ended.
type Ended struct{ Sessions, Keys, Customers atomic.Int64 }

// note counts what was ended, and returns nil if it was gone already.
func note(n *atomic.Int64, err error) error {
	if err == nil {
		n.Add(1)
	}
	return orNone(err)
}

// End ends every session of a user, and every key that the user, as they are now, has no right to:
// all keys of one who is disabled, and of a member those with a scope that only an administrator holds. The entry of each key
// comes from entry. What was made before the user became so is found for certain (admitted). After
// an error a repeated call goes on with what is left; done tells how much is not.
func (s *Store) End(ctx context.Context, u user.User, entry func(action string) audit.Entry, done *Ended) error {
	if err := s.endSessions(ctx, u.ID, "", &done.Sessions); err != nil {
		return err
	}
	return s.eachOf(ctx, u.ID, keys, func(places []item) error {
		found, err := s.batchGet(ctx, places)
		if err != nil {
			return err
		}
		return each(found, atOnce, func(it item) error { return s.endKey(ctx, u, it, entry, &done.Keys) })
	})
}

// EndSessions ends every session of a user but one. Of those that were made before nobody could log in
// any more (admitted) it misses none.
func (s *Store) EndSessions(ctx context.Context, userID, but string) error {
	return s.endSessions(ctx, userID, but, new(atomic.Int64))
}

// EndOtherSessions is EndSessions for the person who asks. The account's log says first that they did.
func (s *Store) EndOtherSessions(ctx context.Context, userID, but string, asked audit.Entry) error {
	it, err := marshal(ofAccount(userID, asked), auditKey(userPartition(userID), asked.ID))
	if err != nil {
		return err
	}
	if err := s.putNew(ctx, it); err != nil {
		return err
	}
	return s.EndSessions(ctx, userID, but)
}

func (s *Store) endSessions(ctx context.Context, userID, but string, n *atomic.Int64) error {
	return s.eachOf(ctx, userID, sessions, func(places []item) error {
		places = slices.DeleteFunc(places, func(place item) bool { return text(place, attrPK) == "SESSION#"+but })
		return each(places, atOnce, func(place item) error { return note(n, s.deleteOwned(ctx, endSession, place, userID)) })
	})
}

// endKey ends one key, if the user has no right to it.
func (s *Store) endKey(ctx context.Context, u user.User, it item, entry func(action string) audit.Entry, n *atomic.Int64) error {
	k, err := unmarshal[apikey.Key](it)
	switch {
	case err != nil:
		return err
	case k.Owner != u.ID: // it was handed over since it was listed
		return nil
	case u.DeletingAt != nil:
		return note(n, s.deleteKey(ctx, Whose{Owner: u.ID}, k, entry(audit.Deleted)))
	case k.RevokedAt != nil || u.DisabledAt == nil && (RoleFor(k) == "" || u.Role == user.Admin):
		return nil
	}
	e := entry(audit.Revoked)
	_, err = s.revokeKey(ctx, k, e, revocationOf(u.ID, e.At))
	return note(n, err)
}

// orNone returns nil if what was to end is gone.
func orNone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// eachOf does something with what a user has of a kind, or with the customers of a project, some at a time.
// What is there may come twice.
func (s *Store) eachOf(ctx context.Context, owner string, k kind, do func(places []item) error) error {
	partition := userPartition(owner)
	if k == customers {
		partition = customerPartition(owner)
	}
	if err := s.eachJustMade(ctx, partition, k, do); err != nil {
		return err
	}
	for page := (Page{Limit: mostGets}); ; {
		places, next, err := s.placesOf(ctx, owner, k, page)
		if err != nil {
			return err
		}
		if err := do(places); err != nil {
			return err
		}
		if page.After = next; next == "" {
			return nil
		}
	}
}

// eachJustMade does the same with what NEW# has.
func (s *Store) eachJustMade(ctx context.Context, partition string, k kind, do func(places []item) error) error {
	prefix := newPrefix + string(k) + "#"
	pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":pk": str(partition), ":prefix": str(prefix)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return failed("query what was made just now", err)
		}
		var places []item
		for _, it := range page.Items {
			id := strings.TrimPrefix(text(it, attrSK), prefix)
			places = append(places, primaryKey(string(k)+"#"+id, string(k)))
		}
		for some := range slices.Chunk(places, mostGets) {
			if err := do(some); err != nil {
				return err
			}
		}
	}
	return nil
}
