package store

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/ratelimit"
)

// The check of a customer's key is two calls: the key first, which names its customer, and then the
// customer, whose limits, quota and state hold for all its keys. A transaction would cost twice as much,
// and two callers at once would refuse each other (TransactionConflict). If the customer refuses, the
// key gets back what it counted.

// unbounded is the limit of a customer that has none of its own.
const unbounded = 1 << 50

// admitCustomer checks the customer of a key that was checked and counted as a says, and counts the same
// on the customer. counted is the key's item then, and state what the key has left. Errors: those of a
// key's check.
func (s *Store) admitCustomer(ctx context.Context, k *apikey.Key, counted item, a admission, state ratelimit.State) (ratelimit.State, error) {
	c := admission{
		key: customerKey(k.Customer), cost: a.cost, now: a.now,
		where: "attribute_not_exists(disabled_at) AND attribute_not_exists(deleted_at)",
		check: func(it item) error {
			found, err := unmarshal[customer.Customer](it)
			switch {
			case err != nil:
				return err
			case found.ID != k.Customer || found.Project != k.Project:
				return errHalf
			case found.DeletedAt != nil:
				return apikey.ErrRevoked
			case found.DisabledAt != nil:
				return apikey.ErrDisabled
			}
			k.Holder = &found
			return nil
		},
	}
	if a.limit != nil {
		limit := *a.limit
		limit.Max = unbounded
		c.limit = &limit
	}
	theirs, err := s.admitShared(ctx, k, c)
	if errors.Is(err, ErrNotFound) { // no version of this service deletes the item
		err = errHalf
	}
	if theirs.Max == unbounded {
		theirs = ratelimit.State{}
	}
	if k.Holder != nil {
		theirs.Quota = k.Holder.Quota.State(a.now)
	}
	switch {
	case err == nil:
		return nearer(state, theirs), nil
	case errors.Is(err, ErrLimited) || errors.Is(err, ErrQuota):
		return theirs, errors.Join(err, s.uncount(ctx, k, counted, a))
	}
	return ratelimit.State{}, errors.Join(err, s.uncount(ctx, k, counted, a))
}

// admitShared counts on a customer only where there is something to count: of most customers nobody counts
// anything, and a read costs a fifth of a write. Whether it is one of those is known from the last time
// only, so what is read decides.
func (s *Store) admitShared(ctx context.Context, k *apikey.Key, c admission) (ratelimit.State, error) {
	if s.uncounted.has(k.Customer) {
		if _, err := s.admitUnlimited(ctx, c); err != nil || !k.Holder.Counts() {
			return ratelimit.State{}, err
		}
		s.uncounted.remove(k.Customer)
	}
	state, err := s.admit(ctx, c)
	if err == nil && !k.Holder.Counts() {
		s.uncounted.add(k.Customer)
	}
	return state, err
}

// nearer returns of each kind the limit of which less is left.
func nearer(own, theirs ratelimit.State) ratelimit.State {
	near := own
	if own.Max == 0 || theirs.Max != 0 && theirs.Remaining < own.Remaining {
		near = theirs
	}
	near.Quota = own.Quota
	if own.Quota.Limit == 0 || theirs.Quota.Limit != 0 && theirs.Quota.Remaining < own.Quota.Remaining {
		near.Quota = theirs.Quota
	}
	return near
}

// uncount gives a key back what it counted. Of a window or a period that is over it gives nothing back.
func (s *Store) uncount(ctx context.Context, k *apikey.Key, counted item, a admission) error {
	var set, where []string
	values := item{}
	c := counter{}
	if a.limit != nil {
		c.limit = *a.limit
		window := number(counted, c.last())
		mine := c.slot(window)
		set = append(set, mine+" = "+mine+" - :one")
		where = append(where, c.last()+" = :window AND "+mine+" > :zero")
		values[":one"], values[":zero"], values[":window"] = num(1), num(0), num(window)
	}
	if a.cost != 0 && k.Quota.Limit != 0 {
		set, values[":cost"] = append(set, "quota_left = quota_left + :cost"), num(a.cost)
		where = append(where, "attribute_exists(quota_limit)")
		if k.Quota.Until != 0 {
			where[len(where)-1], values[":until"] = "quota_until = :until", num(k.Quota.Until)
		}
	}
	if set == nil {
		return nil
	}
	_, err := s.countOnce(ctx, c.mark(), "SET "+strings.Join(set, ", "), "", dynamodb.UpdateItemInput{
		Key: keyKey(k.ID), ConditionExpression: aws.String(strings.Join(where, " AND ")), ExpressionAttributeValues: values,
	})
	switch {
	case errors.Is(err, errCondition) && len(set) == 2: // the window is over, and the period is not
		return s.uncount(ctx, k, counted, admission{cost: a.cost, now: a.now})
	case errors.Is(err, errCondition) || errors.Is(err, errUnclear):
		return nil
	}
	return failed("give back what a key counted", err)
}
