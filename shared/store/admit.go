package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
// A key also has its quota (spend.go).
//
// One UpdateItem starts a window or continues it. DynamoDB has no "if", but an absent count
// starts at 0: a new window uses a slot of its own and removes all others. The slot is occupied
// only if the item was last used exactly a multiple of `slots` windows ago. In that case, and if
// this machine's clock is behind another's, a second call is needed.
const slots = 31

// maxLag is how far a machine's clock may be behind another's. If the last window begins even
// later, it was numbered when windows had another length: such numbers are years ahead.
const maxLag = 24 * time.Hour

// admission is the check of one credential: its item, the condition on the item, and what it counts.
type admission struct {
	key    item
	where  string            // condition on the item's state
	names  map[string]string // names that where uses
	values item              // values that where uses
	limit  *ratelimit.Limit  // nil: not counted
	cost   int64             // taken from the item's quota; 0: nothing is
	found  bool              // the item was read and checked, and has a quota
	alone  bool              // of a key: its customer is not checked
	now    time.Time
	dated  bool // counting sets the item's last_used_at
	// check is the condition of where in Go; its error says why the item fails it.
	check func(item) error
}

// admit checks and counts in one round trip. It returns ErrNotFound, the error of check, or
// ErrLimited or ErrQuota, each with the State of the limit if it is known. Without a limit, an item that
// has a quota takes two: only the first tells that it has one.
func (s *Store) admit(ctx context.Context, a admission) (ratelimit.State, error) {
	if a.limit == nil && !a.found {
		found, err := s.admitUnlimited(ctx, a)
		if err != nil || a.cost == 0 || found[attrQuotaLimit] == nil {
			return ratelimit.State{}, err
		}
	}
	return s.admitCounted(ctx, a)
}

// admitTries is one more than what can be in the way of a count: a window or a period that ended, a
// slot that is taken, and others who change the same at that moment.
const admitTries = 6

func (s *Store) admitCounted(ctx context.Context, a admission) (ratelimit.State, error) {
	var c counter
	if a.limit != nil {
		c = counter{limit: *a.limit, window: a.limit.Index(a.now)}
	}
	p := spending{cost: a.cost}
	for range admitTries {
		found, err := s.count(ctx, a, c, p)
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
		if a.cost != 0 {
			if p, err = p.after(found, a.now); err != nil {
				return c.state(found, a.now), err
			}
		}
		var ok bool
		if c, ok = c.after(found, a.now); !ok {
			return c.state(found, a.now), ErrLimited
		}
	}
	return ratelimit.State{}, errors.New("failed to count a request: the count of the item kept changing")
}

func (s *Store) admitUnlimited(ctx context.Context, a admission) (item, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: a.key, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, failed("read the "+nameOf(a.key), err)
	}
	if out.Item == nil {
		return nil, ErrNotFound
	}
	return out.Item, a.check(out.Item)
}

// A counting is an update that counts, in parts.
type counting struct {
	set    []string
	remove string // the clause
	where  []string
	values item
}

func (s *Store) count(ctx context.Context, a admission, c counter, p spending) (item, error) {
	u := counting{where: []string{"(" + a.where + ")"}, values: item{}}
	maps.Copy(u.values, a.values)
	if a.limit != nil {
		c.into(&u)
	}
	if a.cost != 0 {
		p.into(&u, a.now)
	}
	if a.dated {
		u.set, u.values[":used"] = append(u.set, "last_used_at = :used"), num(a.now.Unix())
	}
	found, err := s.countOnce(ctx, c.mark(), "SET "+strings.Join(u.set, ", "), u.remove, dynamodb.UpdateItemInput{
		Key: a.key, ConditionExpression: aws.String(strings.Join(u.where, " AND ")),
		ExpressionAttributeNames: a.names, ExpressionAttributeValues: u.values,
	})
	return found, failed("count a request on the "+nameOf(a.key), err)
}

// A counter counts one request in one window, or none if its limit is the zero value. stale is set when
// the window's slot still holds the count of that older window.
type counter struct {
	limit  ratelimit.Limit
	window int64
	stale  int64
}

func (c counter) slot(n int64) string { return fmt.Sprintf("count_%s_%d", c.limit.Category, n%slots) }
func (c counter) last() string        { return "window_" + string(c.limit.Category) }
func (c counter) own() string         { return "limit_" + string(c.limit.Category) }

// mark is the attribute with the mark of the last count.
func (c counter) mark() string {
	if c.limit.Max == 0 {
		return "mark_quota"
	}
	return "mark_" + string(c.limit.Category)
}

// into adds the count to an update.
func (c counter) into(u *counting) {
	mine := c.slot(c.window)
	others := make([]string, 0, slots-1)
	for i := int64(1); i < slots; i++ {
		others = append(others, c.slot(c.window+i))
	}
	u.remove = "REMOVE " + strings.Join(others, ", ")
	u.values[":one"], u.values[":window"] = num(1), num(c.window)
	if c.stale != 0 {
		u.set = append(u.set, mine+" = :one", c.last()+" = :window")
		u.where = append(u.where, c.last()+" = :stale")
		u.values[":stale"] = num(c.stale)
		return
	}
	u.set = append(u.set, fmt.Sprintf("%[1]s = if_not_exists(%[1]s, :zero) + :one", mine), c.last()+" = :window")
	u.where = append(u.where, fmt.Sprintf(
		"((attribute_not_exists(%[1]s) OR %[1]s < :window) AND attribute_not_exists(%[2]s)"+
			" OR %[1]s = :window AND (%[2]s < %[3]s OR attribute_not_exists(%[3]s) AND %[2]s < :max))",
		c.last(), mine, c.own()))
	u.values[":zero"], u.values[":max"] = num(0), num(c.limit.Max)
}

// holds is the condition of into in Go.
func (c counter) holds(found item) bool {
	last := number(found, c.last())
	if c.stale != 0 {
		return last == c.stale
	}
	mine := c.slot(c.window)
	if found[mine] == nil {
		return found[c.last()] == nil || last < c.window
	}
	most := int64(c.limit.Max)
	if found[c.own()] != nil {
		most = number(found, c.own())
	}
	return last == c.window && number(found, mine) < most
}

// after is called when the condition failed on a good item. It returns the counter for the next
// try, or ErrLimited.
func (c counter) after(found item, now time.Time) (counter, bool) {
	switch last := number(found, c.last()); {
	case c.limit.Max == 0 || c.holds(found): // the quota was in the way
		return c, true
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
	if limit.Max == 0 {
		return ratelimit.State{}
	}
	if own := number(found, c.own()); own > 0 {
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
