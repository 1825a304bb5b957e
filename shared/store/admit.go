package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/ratelimit"
)

// ErrLimited reports a good credential that has used up its limit for this window.
var ErrLimited = errors.New("rate limit exceeded")

// errHalf reports an item that does not say whose it is. No version of this service writes one.
var errHalf = errors.New("an item lacks what says whose it is")

// The count is kept on the item that is checked. For each category c it has
//
//	window_c       the number of the window last counted in
//	count_c_<n>    the count of the window whose number is n modulo slots
//	mark_c         the mark of the request last counted (countonce.go)
//	limit_c        the item's own limit, if it has one
//
// One UpdateItem starts a window or continues it. DynamoDB has no "if", but an absent count
// starts at 0: a new window uses a slot of its own and removes all others. The slot is occupied
// only if the item was last used exactly a multiple of `slots` windows ago. In that case, and if
// this machine's clock is behind another's, a second call is needed.
const slots = 31

// maxLag is how far a machine's clock may be behind another's. If the last window begins even
// later, it was numbered when windows had another length: such numbers are years ahead.
const maxLag = 24 * time.Hour

// admission is the check of one credential: its item, the condition on the item, and the limit.
type admission struct {
	key    item
	where  string            // condition on the item's state
	names  map[string]string // names that where uses
	values item              // values that where uses
	limit  *ratelimit.Limit
	now    time.Time
	dated  bool // counting sets the item's last_used_at
	// check is the condition of where in Go; its error says why the item fails it.
	check func(item) error
}

// admit checks and counts in one round trip. It returns ErrNotFound, the error of check, or
// ErrLimited, each with the State of the limit if it is known.
func (s *Store) admit(ctx context.Context, a admission) (ratelimit.State, error) {
	if a.limit == nil {
		return s.admitUnlimited(ctx, a)
	}
	c := counter{limit: *a.limit, window: a.limit.Index(a.now)}
	for range 4 {
		found, err := s.count(ctx, a, c)
		if err == nil {
			err = a.check(found)
			return c.state(found, a.now), err
		}
		unclear := errors.Is(err, errUnclear)
		if !unclear && !errors.Is(err, errCondition) {
			return ratelimit.State{}, err
		}
		if found == nil {
			return ratelimit.State{}, ErrNotFound
		}
		if err := a.check(found); err != nil {
			return ratelimit.State{}, err
		}
		if unclear {
			return ratelimit.State{}, err
		}
		retry, ok := c.after(found, a.now)
		if !ok {
			return c.state(found, a.now), ErrLimited
		}
		c = retry
	}
	return ratelimit.State{}, errors.New("failed to count a request: the count of the item kept changing")
}

func (s *Store) admitUnlimited(ctx context.Context, a admission) (ratelimit.State, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: a.key, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return ratelimit.State{}, failed("read the "+nameOf(a.key), err)
	}
	if out.Item == nil {
		return ratelimit.State{}, ErrNotFound
	}
	return ratelimit.State{}, a.check(out.Item)
}

func (s *Store) count(ctx context.Context, a admission, c counter) (item, error) {
	values := item{
		":one": num(1), ":zero": num(0), ":max": num(c.limit.Max),
		":window": num(c.window),
	}
	for name, value := range a.values {
		values[name] = value
	}
	set, rest := c.update()
	if a.dated {
		set, values[":used"] = set+", last_used_at = :used", num(a.now.Unix())
	}
	condition := "(" + a.where + ") AND (" + c.condition() + ")"
	if c.stale != 0 {
		values[":stale"] = num(c.stale)
		delete(values, ":zero")
		delete(values, ":max")
	}
	found, err := s.countOnce(ctx, "mark_"+string(c.limit.Category), set, rest, dynamodb.UpdateItemInput{
		Key: a.key, ConditionExpression: &condition,
		ExpressionAttributeNames: a.names, ExpressionAttributeValues: values,
	})
	return found, failed("count a request on the "+nameOf(a.key), err)
}

// A counter counts one request in one window. stale is set when the window's slot still
// holds the count of that older window.
type counter struct {
	limit  ratelimit.Limit
	window int64
	stale  int64
}

func (c counter) slot(n int64) string { return fmt.Sprintf("count_%s_%d", c.limit.Category, n%slots) }
func (c counter) mark() string        { return "window_" + string(c.limit.Category) }

// update returns the clauses SET and REMOVE of the update that counts.
func (c counter) update() (set, remove string) {
	mine := c.slot(c.window)
	set = fmt.Sprintf("SET %s = :one, %s = :window", mine, c.mark())
	if c.stale == 0 {
		set = fmt.Sprintf("SET %[1]s = if_not_exists(%[1]s, :zero) + :one, %[2]s = :window", mine, c.mark())
	}
	others := make([]string, 0, slots-1)
	for i := int64(1); i < slots; i++ {
		others = append(others, c.slot(c.window+i))
	}
	return set, "REMOVE " + strings.Join(others, ", ")
}

func (c counter) condition() string {
	if c.stale != 0 {
		return c.mark() + " = :stale"
	}
	own := "limit_" + string(c.limit.Category)
	return fmt.Sprintf(
		"(attribute_not_exists(%[1]s) OR %[1]s < :window) AND attribute_not_exists(%[2]s)"+
			" OR %[1]s = :window AND (%[2]s < %[3]s OR attribute_not_exists(%[3]s) AND %[2]s < :max)",
		c.mark(), c.slot(c.window), own)
}

// after is called when the condition failed on a good item. It returns the counter for the next
// try, or ErrLimited.
func (c counter) after(found item, now time.Time) (counter, bool) {
	switch last := number(found, c.mark()); {
	case last > c.window && last <= c.limit.Index(now.Add(maxLag)):
		// This machine's clock lags, or the call was long under way. Going back would throw
		// away the count of the window that runs, so the request counts in that one.
		return counter{limit: c.limit, window: last}, true
	case last != c.window: // the slot is taken, or the length of a window was changed
		return counter{limit: c.limit, window: c.window, stale: last}, true
	case c.stale != 0: // somebody else has just cleared it
		return counter{limit: c.limit, window: c.window}, true
	}
	return c, false
}

func (c counter) state(found item, now time.Time) ratelimit.State {
	limit := c.limit
	if own := number(found, "limit_"+string(limit.Category)); own > 0 {
		limit.Max = int(own)
	}
	return limit.State(c.window, int(number(found, c.slot(c.window))), now)
}

// number returns a numeric attribute, or 0.
func number(it item, name string) int64 {
	if n, ok := it[name].(*types.AttributeValueMemberN); ok {
		v, _ := strconv.ParseInt(n.Value, 10, 64)
		return v
	}
	return 0
}

// CountPublic counts a request of a subject without an item of its own: an address, or an account
// that somebody tries to log in to. With a nil limit it admits every request.
func (s *Store) CountPublic(ctx context.Context, subject string, limit *ratelimit.Limit, now time.Time) (ratelimit.State, error) {
	if limit == nil {
		return ratelimit.State{}, nil
	}
	window := limit.Index(now)
	end := time.Unix((window+1)*int64(limit.Window.Seconds()), 0)
	found, err := s.countOnce(ctx, attrMark, "SET expires_at = :expires", "ADD hits :one", dynamodb.UpdateItemInput{
		Key:                 limitKey(subject, limit.Category, window),
		ConditionExpression: aws.String("attribute_not_exists(hits) OR hits < :max"),
		ExpressionAttributeValues: item{
			":one": num(1), ":max": num(limit.Max), ":expires": num(end.Add(time.Hour).Unix()),
		},
	})
	if errors.Is(err, errCondition) {
		return limit.State(window, limit.Max, now), ErrLimited
	}
	if err != nil {
		return ratelimit.State{}, failed("count a request of a public route", err)
	}
	return limit.State(window, int(number(found, "hits")), now), nil
}

// UncountPublic takes back what CountPublic counted at the same time. If it is not clear whether it
// did, it does not again.
func (s *Store) UncountPublic(ctx context.Context, subject string, limit ratelimit.Limit, now time.Time) error {
	_, err := s.countOnce(ctx, attrMark, "SET hits = hits - :one", "", dynamodb.UpdateItemInput{
		Key:                       limitKey(subject, limit.Category, limit.Index(now)),
		ConditionExpression:       aws.String("hits > :zero"),
		ExpressionAttributeValues: item{":one": num(1), ":zero": num(0)},
	})
	if errors.Is(err, errCondition) || errors.Is(err, errUnclear) {
		return nil // its window is over, or others have counted since
	}
	return failed("take back the count of a request of a public route", err)
}
