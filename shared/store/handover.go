package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/user"
)

// A key that is handed over keeps its id, secret, scopes, limits and project. What a key reaches is
// what is in its project, whoever owns it: so programs that hold it notice nothing.
//
//	one transaction: the key's owner and place in the index (owner, head of its log as read), its entry,
//	                 NEW#KEY# of the next owner, a check that neither user is disabled, and that the next
//	                 has the role that the key needs; the first has an entry in both users' logs (handing.go)
//
// So whoever disables or deletes either user comes before it, and it is refused, or after it: then the key
// is not the former owner's any more, and NEW# tells that it is the next one's.
//
// A project that belongs to another than a key in it notes that one among its heirs: it goes to one of
// them when its owner is deleted, and is not deleted with the owner (pass).

// mostAtOnce is how many keys are handed over in one transaction, which has at most 100 items: four of
// each key, and three of each user.
const mostAtOnce = 23

// HandKeyOver hands one key of a user to another, and returns it as it is then. Its project stays whose it
// is. Errors: ErrNotFound if there is no such key or project any more; ErrConflict if the key has
// changed since it was read, or has ended, or one of the users is disabled, or to is no administrator and
// the key has a scope that only an administrator holds.
func (s *Store) HandKeyOver(ctx context.Context, k apikey.Key, from, to user.User, entry func(action string) audit.Entry) (apikey.Key, error) {
	writes, next, err := s.handedOver(k, to, entry(audit.Updated))
	if err != nil {
		return k, err
	}
	writes = append(writes, types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: projectKey(k.Project),
		UpdateExpression:          aws.String("ADD heirs :to"),
		ConditionExpression:       aws.String(ifPresent),
		ExpressionAttributeValues: item{":to": &types.AttributeValueMemberSS{Value: []string{to.ID}}},
	}})
	h := handing{from: from, to: to, entry: entry, key: k.ID}
	_, err = s.hand(&h, RoleFor(k), func(both []types.TransactWriteItem) (item, error) {
		return s.transact(ctx, "hand over a key", slices.Concat(writes, both)...)
	})
	if errors.Is(err, errCondition) {
		return k, ErrConflict
	}
	return next, err
}

// handedOver has the writes that are about the key alone, and the key after them.
func (s *Store) handedOver(k apikey.Key, to user.User, e audit.Entry) ([]types.TransactWriteItem, apikey.Key, error) {
	next := k
	next.Owner, next.OwnerEmail = to.ID, to.Email
	e.Detail = map[string]string{"owner_from": k.Owner, "owner_to": to.ID}
	writes, err := s.keyChange(k, next, e, types.Update{
		UpdateExpression:         aws.String("SET #owner = :to, owner_email = :email, by_owner_pk = :place"),
		ConditionExpression:      aws.String("#owner = :from AND " + usable),
		ExpressionAttributeNames: map[string]string{"#owner": "owner"},
		ExpressionAttributeValues: item{
			":from": str(k.Owner), ":to": str(to.ID), ":email": str(to.Email), ":now": num(e.At.Unix()),
			":place": owned(to.ID, keys, k.CreatedAt, k.ID)[attrOwnerPK],
		},
	})
	place := justMadeKey(to.ID, keys, k.ID)
	place[attrExpiresAt] = num(e.At.Add(justMadeFor).Unix())
	return append(writes, types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: place}}), next, err
}

// A Handover is what HandOver did.
type Handover struct {
	Projects, Keys int
	// Left are keys with a scope that only an administrator holds (RoleFor).
	Left int
}

// HandOver hands all projects of a user, and all keys of theirs that have not ended, to another. It
// returns what it did also with an error; after one a repeated call goes on with what is left. Error:
// ErrConflict if one of the users is disabled, or was meanwhile.
func (s *Store) HandOver(ctx context.Context, from, to user.User, now time.Time, entry func(action string) audit.Entry) (done Handover, err error) {
	h := &handing{from: from, to: to, entry: entry}
	if done.Projects, err = s.handProjectsOver(ctx, h); err != nil {
		return done, err
	}
	for { // until nothing is found: keys may have been made meanwhile, in its projects too
		did, left := Handover{}, map[string]bool{}
		err := s.eachOf(ctx, from.ID, keys, func(places []item) error {
			found, err := getAll[apikey.Key](ctx, s, places)
			if err != nil {
				return err
			}
			var some []apikey.Key
			for _, k := range found {
				switch {
				case k.Owner != from.ID || k.Ended(now):
				case RoleFor(k) != "" && to.Role != RoleFor(k):
					left[k.ID] = true
				default:
					some = append(some, k)
				}
			}
			n, err := s.handKeysOver(ctx, h, some)
			did.Keys += n
			return err
		})
		done.Keys, done.Left = done.Keys+did.Keys, len(left)
		if err != nil {
			return done, err
		}
		if did.Keys == 0 {
			return done, s.stays(ctx, from.ID)
		}
	}
}

// stays returns ErrConflict if a user is disabled: then keys of theirs may have ended, and not been handed over.
func (s *Store) stays(ctx context.Context, id string) error {
	u, err := s.User(ctx, id)
	if errors.Is(err, ErrNotFound) || err == nil && u.DisabledAt != nil {
		return ErrConflict
	}
	return err
}

// handKeysOver hands keys over, as many in a transaction as it can: all of them check the same two
// users, so two at a time would be in each other's way. Where a key in use or another change is in the
// way of some, it tries them in halves, and at last one by one.
func (s *Store) handKeysOver(ctx context.Context, h *handing, some []apikey.Key) (int, error) {
	if len(some) == 0 {
		return 0, nil
	}
	if len(some) > mostAtOnce {
		n, err := s.handKeysOver(ctx, h, some[:mostAtOnce])
		if err != nil {
			return n, err
		}
		rest, err := s.handKeysOver(ctx, h, some[mostAtOnce:])
		return n + rest, err
	}
	if len(some) == 1 {
		return s.handOneOver(ctx, h, some[0])
	}
	role := ""
	var writes []types.TransactWriteItem
	for _, k := range some {
		role = max(role, RoleFor(k))
		one, _, err := s.handedOver(k, h.to, h.entry(audit.Updated))
		if err != nil {
			return 0, err
		}
		writes = append(writes, one...)
	}
	_, err := s.hand(h, role, func(both []types.TransactWriteItem) (item, error) {
		return s.transactOnce(ctx, "hand over some keys", slices.Concat(writes, both)...)
	})
	if errors.Is(err, errCondition) || passing(err) {
		half := len(some) / 2
		n, err := s.handKeysOver(ctx, h, some[:half])
		if err != nil {
			return n, err
		}
		rest, err := s.handKeysOver(ctx, h, some[half:])
		return n + rest, err
	}
	if err != nil {
		return 0, err
	}
	return len(some), nil
}

// handOneOver hands over one key, again after each other change of it, if it is still the user's.
func (s *Store) handOneOver(ctx context.Context, h *handing, k apikey.Key) (int, error) {
	for {
		e := h.entry(audit.Updated)
		writes, _, err := s.handedOver(k, h.to, e)
		if err != nil {
			return 0, err
		}
		found, err := s.hand(h, RoleFor(k), func(both []types.TransactWriteItem) (item, error) {
			return s.transact(ctx, "hand over a key", slices.Concat(writes, both)...)
		})
		switch {
		case err == nil:
			return 1, nil
		case !errors.Is(err, errCondition):
			return 0, err
		case notAdmitted(found):
			return 0, ErrConflict
		}
		k, err = s.Key(ctx, k.ID)
		if err != nil || k.Owner != h.from.ID || k.Ended(e.At) || RoleFor(k) != "" && h.to.Role != RoleFor(k) {
			return 0, orNone(err)
		}
	}
}
