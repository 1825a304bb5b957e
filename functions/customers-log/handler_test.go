package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestLogOfACustomerIsReadByThoseOfItsProjectAlsoAfterItsDeletion(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	c := storetest.Customer(t, s, "usr_A", func(c *customer.Customer) { c.Name = "Acme" })
	read := func(as map[string]any, id string, query map[string]string) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, gateway.Protected(handler{s}.serve), gatewaytest.Call{
			Method: "GET", Resource: "/v1/customers/{id}/log", Path: map[string]string{"id": id}, Query: query, Authorizer: as,
		})
	}
	owner := gatewaytest.User("usr_A", "a@example.com", "member", "")
	key := func(project string) map[string]any {
		return gatewaytest.Key("0123456789abcdef", "scoped", "usr_A", project, "admin")
	}
	who := map[string]struct {
		as     map[string]any
		id     string
		status int
	}{
		"the owner":                 {owner, c.ID, 200},
		"a key of the project":      {key(c.Project), c.ID, 200},
		"a key of another":          {key("prj_B"), c.ID, 404},
		"a stranger":                {gatewaytest.User("usr_B", "b@example.com", "member", ""), c.ID, 404},
		"of one that never was":     {owner, customer.New("", "", time.Now()).ID, 404},
		"of what is no customer":    {owner, "cus_x", 404},
		"of the id of another sort": {owner, "usr_A", 404},
	}
	all := func(when string) {
		t.Helper()
		for name, row := range who {
			expect.Same(t, when+", "+name+": status", read(row.as, row.id, nil).Status, row.status)
		}
	}
	all("while it is there")
	was, err := s.Customer(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	next := was
	next.Name = "Acme Ltd."
	e := storetest.Entry(audit.Updated)
	e.Personal = audit.Differences(was.Names(), next.Names())
	if err := s.ChangeCustomer(ctx, was, next, e); err != nil {
		t.Fatal(err)
	}
	if was, err = s.Customer(ctx, c.ID); err == nil {
		err = s.DeleteCustomer(ctx, was, storetest.Entry(audit.Deleted))
	}
	if err != nil {
		t.Fatal(err)
	}
	all("after its deletion")
	a := read(owner, c.ID, nil)
	var actions []string
	for _, one := range a.JSON(t)["entries"].([]any) {
		actions = append(actions, one.(map[string]any)["action"].(string))
	}
	expect.Same(t, "the entries", fmt.Sprint(actions), "[deleted updated created]")
	expect.Same(t, "the head", fmt.Sprint(a.JSON(t)["head"].(map[string]any)["seq"]), "3")
	for text, there := range map[string]bool{"Acme": false, "acme": false, "salt": false, "person_hash": true, "192.0.2.7": true, "key_id": false, "owner_id": false} {
		expect.Same(t, text+" is there", strings.Contains(a.Body, text), there)
	}
	page := read(owner, c.ID, map[string]string{"limit": "1"}).JSON(t)
	after := read(owner, c.ID, map[string]string{"limit": "2", "cursor": page["next_cursor"].(string)}).JSON(t)
	expect.Same(t, "the pages", len(page["entries"].([]any))+len(after["entries"].([]any)), 3)
	expect.Same(t, "an invented cursor", read(owner, c.ID, map[string]string{"cursor": "x"}).Status, 400)
}
