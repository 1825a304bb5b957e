package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
)

// RevokeAllFrom revokes every key that came from k, which is revoked or deleted, so that no other
// can come from it: the keys that it made, those that still have a secret which it gave them, and
// all that came from those. Each gets an entry of its own. It returns how many it revoked.
//
// A child's item is removed when all that came from the child is revoked. So after an error a
// repeated call goes on, with what is left.
func (s *Store) RevokeAllFrom(ctx context.Context, k apikey.Key, entry func() audit.Entry) (int, error) {
	root := source{id: k.ID}
	c := cascade{s: s, entry: entry, seen: map[source]bool{root: true}}
	err := c.under(ctx, root, atOnce)
	return c.revoked, err
}

// atOnce is how many of a key's children are revoked at the same time; of a child's, one is.
const atOnce = 16

// A cascade is one call of RevokeAllFrom.
type cascade struct {
	s     *Store
	entry func() audit.Entry

	mu      sync.Mutex
	seen    map[source]bool // a key may have come from several, and from its own children
	revoked int
}

// A source is a key, or only its secret of one generation: the owner has replaced that secret, and
// keeps the key.
type source struct {
	id         string
	generation int // 0 for all
}

// under revokes what came from a source, some of its children at the same time.
func (c *cascade) under(ctx context.Context, from source, some int) error {
	in := &dynamodb.QueryInput{
		TableName:                 &c.s.table,
		KeyConditionExpression:    aws.String("pk = :maker AND begins_with(sk, :child)"),
		ExpressionAttributeValues: item{":maker": str(keyPartition(from.id)), ":child": str(childPrefix)},
		ConsistentRead:            aws.Bool(true),
	}
	for {
		out, err := c.s.query(ctx, in)
		if err != nil {
			return err
		}
		heads, err := c.s.heads(ctx, out.Items)
		if err != nil {
			return err
		}
		if err := each(out.Items, some, func(it item) error { return c.child(ctx, from, it, heads) }); err != nil {
			return err
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
			return nil
		}
	}
}

// child revokes a child and all that came from it, and then removes its item.
func (c *cascade) child(ctx context.Context, from source, it item, heads map[string]apikey.Key) error {
	came, err := unmarshal[child](it)
	if err != nil || from.generation != 0 && from.generation != came.Maker {
		return err
	}
	next := source{id: came.ID}
	replaced, err := c.revoke(ctx, came, heads[came.ID])
	if err != nil {
		return err
	}
	if replaced {
		next.generation = came.Generation
	}
	if !c.first(next) {
		return nil
	}
	if err := c.under(ctx, next, 1); err != nil {
		return err
	}
	_, err = c.s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &c.s.table, Key: item{attrPK: it[attrPK], attrSK: it[attrSK]},
	})
	return failed("remove a child item", err)
}

func (c *cascade) first(from source) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.seen[from]
	c.seen[from] = true
	return first
}

// revoke revokes a child, unless it is gone, or revoked, or its owner has since replaced the secret
// that the maker gave it.
func (c *cascade) revoke(ctx context.Context, came child, k apikey.Key) (replaced bool, err error) {
	if k.ID == "" { // gone
		return false, nil
	}
	e := c.entry()
	u := revocation(e.At)
	if came.Generation != 0 {
		u.ConditionExpression = aws.String(*u.ConditionExpression + " AND (generation = :gen OR kept_generation = :gen" +
			" OR (generation = :next OR kept_generation = :next) AND prev_until > :now)")
		u.ExpressionAttributeValues[":gen"] = num(came.Generation)
		u.ExpressionAttributeValues[":next"] = num(came.Generation + 1)
		u.ExpressionAttributeValues[":now"] = num(e.At.Unix())
	}
	found, err := c.s.changeKey(ctx, k, e, u)
	if errors.Is(err, errCondition) {
		return found != nil && text(found, "revoked_at") == "", nil
	}
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.revoked++
	}
	return false, err
}

// revocation is the update that revokes a key which is not revoked.
func revocation(at time.Time) types.Update {
	return types.Update{
		UpdateExpression:          aws.String("SET revoked_at = :at REMOVE prev_hash, kept_prev_hash, prev_until"),
		ConditionExpression:       aws.String(ifPresent + " AND attribute_not_exists(revoked_at)"),
		ExpressionAttributeValues: item{":at": str(at.Format(time.RFC3339Nano))},
	}
}

// revocationOf is the same for a key that is that user's.
func revocationOf(owner string, at time.Time) types.Update {
	u := revocation(at)
	u.ConditionExpression = aws.String(*u.ConditionExpression + " AND #owner = :owner")
	u.ExpressionAttributeNames = map[string]string{"#owner": "owner"}
	u.ExpressionAttributeValues[":owner"] = str(owner)
	return u
}

// each does something with every item, with some of them at the same time. After an error it
// begins no other.
func each[T any](items []T, some int, do func(T) error) error {
	var (
		all    sync.WaitGroup
		mu     sync.Mutex
		failed error
	)
	next := func() (it T, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if failed != nil || len(items) == 0 {
			return it, false
		}
		it, items = items[0], items[1:]
		return it, true
	}
	for range min(some, len(items)) {
		all.Go(func() {
			for it, ok := next(); ok; it, ok = next() {
				if err := do(it); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return failed
}
