package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

type world struct {
	*testing.T
	store *store.Store
	c     customer.Customer
}

func newWorld(t *testing.T) world {
	t.Helper()
	s := storetest.New(t)
	c := storetest.Customer(t, s, "usr_A", func(c *customer.Customer) {
		c.Name, c.Metadata, c.Quota = "Acme", map[string]string{"a": "b"}, quota.New(10, quota.Month, time.Now())
		c.Quota.Left = 4
	})
	return world{t, s, c}
}

func (w world) patch(as map[string]any, body string) gatewaytest.Answer {
	w.Helper()
	return gatewaytest.Do(w.T, gateway.Protected(handler{w.store, time.Hour}.serve), gatewaytest.Call{
		Method: "PATCH", Resource: "/v1/customers/{id}", Path: map[string]string{"id": w.c.ID}, Authorizer: as, Body: body,
	})
}

func (w world) read() customer.Customer {
	w.Helper()
	c, err := w.store.Customer(context.Background(), w.c.ID)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func someone(id string) map[string]any { return gatewaytest.User(id, "a@example.com", "member", "") }

func TestPatchChangesWhatItNames(t *testing.T) {
	for body, shown := range map[string]struct {
		of   func(customer.Customer) any
		want string
	}{
		`{"name":"B"}`:                         {func(c customer.Customer) any { return c.Name }, "B"},
		`{"name":null}`:                        {func(c customer.Customer) any { return c.Name }, ""},
		`{"scopes":["stats:read"]}`:            {func(c customer.Customer) any { return c.Scopes }, "[read:stats]"},
		`{"rate_limit":{"read":7}}`:            {func(c customer.Customer) any { return c.Read }, "7"},
		`{"metadata":{"a":null,"c":"d"}}`:      {func(c customer.Customer) any { return c.Metadata }, "map[c:d]"},
		`{"quota":{"limit":15}}`:               {func(c customer.Customer) any { return c.Quota.Left }, "9"},
		`{"quota":{"limit":3,"period":"day"}}`: {func(c customer.Customer) any { return c.Quota.Left }, "3"},
		`{"quota":null}`:                       {func(c customer.Customer) any { return c.Quota }, "{0  0 0}"},
		`{"disabled":true}`:                    {func(c customer.Customer) any { return c.DisabledAt != nil }, "true"},
	} {
		w := newWorld(t)
		expect.Same(t, body+": status", w.patch(someone("usr_A"), body).Status, 200)
		expect.Same(t, body, fmt.Sprint(shown.of(w.read())), shown.want)
		expect.Same(t, body+": its version", w.read().Version, 2)
	}
}

func TestPatchOfAStrangerOrOfNonsenseChangesNothing(t *testing.T) {
	w := newWorld(t)
	expect.Same(t, "a stranger", w.patch(someone("usr_B"), `{"disabled":true}`).Status, 404)
	expect.Same(t, "nothing", w.patch(someone("usr_A"), `{}`).Status, 200)
	for _, body := range []string{`{"disabled":null}`, `{"external_id":"x"}`, `{"scopes":[]}`, `{"name":7}`, `{"quota":{"period":"week"}}`} {
		expect.Same(t, body, w.patch(someone("usr_A"), body).Status, 422)
	}
	expect.Same(t, "its version", w.read().Version, 1)
}

func TestOfManyChangesAtOnceNoneIsLost(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			expect.Same(t, "status", w.patch(someone("usr_A"), fmt.Sprintf(`{"metadata":{"n%d":"x"}}`, i)).Status, 200)
		})
	}
	all.Wait()
	expect.Same(t, "entries", len(w.read().Metadata), 9)
}
