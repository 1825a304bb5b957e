package model_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey/latchkey/shared/audit"
	customers "github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/store"
)

// A customer bounds all its keys together, beside what each of them has.
type customer struct {
	limit          int // requests a window; 0: none
	quota          allowance
	disabled, gone bool
	changes        int // that its log has

	window int64
	count  int
	plain  bool // the process remembers that nothing is counted on it
}

func (c *customer) counts() bool { return c.limit != 0 || c.quota.limit != 0 }

// use answers a request that the key itself admits.
func (c *customer) use(counted bool, cost int64, now time.Time) string {
	quota := c.quota.at(now)
	switch {
	case c.gone:
		return revoked
	case c.disabled:
		return disabled
	case quota.limit != 0 && cost > quota.left:
		return spent
	}
	if c.plain = c.plain && !c.counts(); c.plain {
		return ok
	}
	if counted {
		if window := now.Unix() / 60; window > c.window {
			c.window, c.count = window, 0
		}
		if c.limit != 0 && c.count >= c.limit {
			return limited
		}
		c.count++
	}
	if quota.limit != 0 && cost > 0 {
		c.quota = quota
		c.quota.left -= cost
	}
	c.plain = !c.counts()
	return ok
}

// remaining is what is left of the limit, of which a key has so much itself.
func (c *customer) remaining(own int) int {
	if c == nil || c.limit == 0 {
		return own
	}
	return min(own, c.limit-c.count)
}

// left is what is left of the quota, of which a key has its own.
func (c *customer) left(own allowance, now time.Time) int64 {
	mine := own.at(now)
	if c == nil {
		return max(0, mine.left)
	}
	switch theirs := c.quota.at(now); {
	case theirs.limit == 0:
		return max(0, mine.left)
	case mine.limit == 0:
		return max(0, theirs.left)
	default:
		return max(0, min(mine.left, theirs.left))
	}
}

func TestEveryHistoryOfCustomersIsAnsweredAsTheModelSays(t *testing.T) {
	d := deploy(t)
	rapid.Check(t, func(t *rapid.T) {
		h := begin(t, d)
		h.createCustomer(t)
		t.Repeat(map[string]func(*rapid.T){
			"pass a moment":   h.passAMoment,
			"pass time":       h.passTime,
			"create customer": h.createCustomer,
			"create key":      h.createKey, "create key again": h.createKey,
			"change key":      h.changeKey,
			"change customer": h.changeCustomer, "change customer again": h.changeCustomer,
			"turn customer": h.turnCustomer,
			"use key":       h.useKey, "use key again": h.useKey, "use key once more": h.useKey, "use key a fourth time": h.useKey,
			"use key a fifth time": h.useKey, "use key a sixth time": h.useKey, "use key a seventh time": h.useKey,
		})
		h.logged(t)
	})
}

type customerOf struct {
	*customer
	id string
}

// GoString is how a history that failed shows it.
func (c *customerOf) GoString() string { return "customer " + c.id }

// homeProject is the project of everything in the model.
var homeProject = project.Project{ID: "prj_A", Owner: "usr_A"}

func (h *history) createCustomer(t *rapid.T) {
	i, c := h.some(t), &customer{changes: 1}
	made := customers.New(homeProject.ID, fmt.Sprintf("%d of %d", len(h.customers), time.Now().UnixNano()), i.clock())
	h.bound(t, i, c, &made)
	c.quota = allow(c.quota.limit, c.quota.period, i.clock())
	if err := i.store.CreateCustomer(ctx, homeProject, made, i.entry(audit.Created)); err != nil {
		t.Fatal(err)
	}
	h.customers = append(h.customers, &customerOf{c, made.ID})
	h.createKey(t)
}

// turnCustomer turns a customer off or on, and seldom deletes it: then nothing more comes of it.
func (h *history) turnCustomer(t *rapid.T) {
	switch rapid.IntRange(0, 6).Draw(t, "turn") {
	case 0:
		h.deleteCustomer(t)
	case 1, 2:
		h.disableCustomer(t, true)
	default:
		h.disableCustomer(t, false)
	}
}

// bound draws what bounds a customer. The model gets limit and period of its quota only.
func (h *history) bound(t *rapid.T, i *instance, c *customer, next *customers.Customer) {
	c.limit = rapid.SampledFrom([]int{0, 2, 4}).Draw(t, "limit of the customer")
	c.quota.limit, c.quota.period = someQuota(t)
	next.Read, next.Quota = c.limit, quota.Quota{}
	if c.quota.limit > 0 {
		next.Quota = quota.New(c.quota.limit, quota.Period(c.quota.period), i.clock())
	}
}

func (h *history) changeCustomer(t *rapid.T) {
	i, c := h.some(t), recent(t, h.customers, "customer")
	was, model := c.quota, *c.customer
	if h.updateCustomer(t, i, c, audit.Updated, func(next *customers.Customer) { h.bound(t, i, &model, next) }) {
		c.limit, c.quota = model.limit, was.changed(model.quota.limit, model.quota.period, i.clock())
	}
}

func (h *history) disableCustomer(t *rapid.T, off bool) {
	i, c := h.some(t), recent(t, h.customers, "customer")
	done := h.updateCustomer(t, i, c, audit.Disabled, func(next *customers.Customer) {
		if next.DisabledAt = nil; off {
			at := i.clock()
			next.DisabledAt = &at
		}
	})
	if done {
		c.disabled = off
	}
}

func (h *history) deleteCustomer(t *rapid.T) {
	i, c := h.some(t), recent(t, h.customers, "customer")
	found, err := i.store.AnyCustomer(ctx, c.id)
	if err == nil {
		err = i.store.DeleteCustomer(ctx, found, i.entry(audit.Deleted))
	}
	if done := h.did(t, c, "deleted", err); done {
		c.gone = true
	}
}

func (h *history) updateCustomer(t *rapid.T, i *instance, c *customerOf, action string, change func(*customers.Customer)) bool {
	was, err := i.store.Customer(ctx, c.id)
	next := was
	change(&next)
	if err == nil {
		err = i.store.ChangeCustomer(ctx, was, next, i.entry(action))
	}
	return h.did(t, c, "changed", err)
}

// did reports whether something was done to a customer, which can be done until it is deleted.
func (h *history) did(t *rapid.T, c *customerOf, what string, err error) bool {
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	if done := err == nil; done == c.gone {
		t.Fatalf("the customer is %s: %t, want %t", what, done, !c.gone)
	}
	if err == nil {
		c.changes++
	}
	return err == nil
}

// logged compares the logs of the customers with what was done to them.
func (h *history) logged(t *rapid.T) {
	for _, c := range h.customers {
		log, err := h.deployment.store.Log(ctx, c.id)
		if err != nil {
			t.Fatal(err)
		}
		if r := log.Verify(time.Time{}, h.now); r.Chained != c.changes || r.Findings != nil {
			t.Fatalf("the log of %s has %d changes, want %d: %v", c.id, r.Chained, c.changes, r.Findings)
		}
	}
}
