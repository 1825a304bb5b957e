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
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestListHasTheCustomersOfAProjectNewestFirst(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	in := project.Default(user.User{ID: "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", CreatedAt: time.Now()})
	for _, p := range []project.Project{in, {ID: "prj_B", Owner: in.Owner}} {
		if err := s.CreateProject(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	for i, of := range []string{in.ID, in.ID, in.ID, "prj_B"} {
		c := customer.New(of, fmt.Sprint("c", i), time.Now().Add(time.Duration(i)*time.Second))
		c.Name = []string{"Acme", "Acme", "Byte", "Acme"}[i]
		if err := s.CreateCustomer(ctx, project.Project{ID: of, Owner: in.Owner}, c, storetest.Entry(audit.Created)); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			c, err := s.Customer(ctx, c.ID)
			if err == nil {
				err = s.DeleteCustomer(ctx, c, storetest.Entry(audit.Deleted))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	storetest.AwaitIndex()
	f := gateway.Protected(handler{s}.serve)
	list := func(as map[string]any, query map[string]string) string {
		t.Helper()
		a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "GET", Resource: "/v1/customers", Query: query, Authorizer: as})
		if a.Status != 200 {
			return fmt.Sprint(a.Status)
		}
		var names []string
		for _, one := range a.JSON(t)["customers"].([]any) {
			names = append(names, one.(map[string]any)["external_id"].(string))
		}
		return fmt.Sprint(names, a.JSON(t)["next_cursor"] != nil)
	}
	owner, stranger := gatewaytest.User("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", "a@example.com", "member", ""), gatewaytest.User("usr_BBBBBBBBBBBBBBBBBBBBBBBBBB", "b@example.com", "member", "")
	expect.Same(t, "the owner's", list(owner, nil), "[c2 c0] false")
	expect.Same(t, "a key's", list(gatewaytest.Key("0123456789abcdef", "scoped", "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", in.ID, "admin"), nil), "[c2 c0] false")
	expect.Same(t, "a page", list(owner, map[string]string{"limit": "1"}), "[c2] true")
	expect.Same(t, "by an external id", list(owner, map[string]string{"external_id": "c0"}), "[c0] false")
	expect.Same(t, "by one that was deleted", list(owner, map[string]string{"external_id": "c1"}), "[] false")
	expect.Same(t, "by one of another project", list(owner, map[string]string{"external_id": "c3"}), "[] false")
	expect.Same(t, "with a text in the name", list(owner, map[string]string{"search": "CM"}), "[c0] false")
	expect.Same(t, "with a text in the external id", list(owner, map[string]string{"search": "C"}), "[c2 c0] false")
	expect.Same(t, "a page of a search", list(owner, map[string]string{"search": "c", "limit": "1"}), "[c2] true")
	expect.Same(t, "with a text that none has", list(owner, map[string]string{"search": "acme ltd"}), "[] false")
	expect.Same(t, "by an external id, with another text", list(owner, map[string]string{"external_id": "c0", "search": "byte"}), "[] false")
	expect.Same(t, "with a text that is too long", list(owner, map[string]string{"search": strings.Repeat("c", 256)}), "400")
	expect.Same(t, "by an external id that is too long", list(owner, map[string]string{"external_id": strings.Repeat("c", 256)}), "400")
	expect.Same(t, "a stranger's list of the project", list(stranger, map[string]string{"project_id": in.ID}), "404")
	expect.Same(t, "an invented cursor", list(owner, map[string]string{"cursor": "x"}), "400")
}
