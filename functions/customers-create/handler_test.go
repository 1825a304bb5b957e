package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func place(t *testing.T) (*store.Store, func(as map[string]any, body string) gatewaytest.Answer) {
	t.Helper()
	s := storetest.New(t)
	for _, owner := range []string{"usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", "usr_BBBBBBBBBBBBBBBBBBBBBBBBBB"} {
		in := project.Default(user.User{ID: owner, CreatedAt: time.Now()})
		if err := s.CreateProject(context.Background(), in); err != nil {
			t.Fatal(err)
		}
	}
	f := gateway.Protected(handler{s, time.Hour}.serve)
	return s, func(as map[string]any, body string) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/v1/customers", Authorizer: as, Body: body})
	}
}

func member(id string) map[string]any {
	return gatewaytest.User(id, "a@example.com", "member", "read:stats")
}

func TestCustomerIsOfTheCallersProjectWithWhatWasAsked(t *testing.T) {
	_, post := place(t)
	a := post(member("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"), `{"external_id":"acme","name":"Acme","scopes":["stats:read"],"rate_limit":5,"quota":{"limit":9,"period":"day"},"metadata":{"a":"b"}}`)
	expect.Same(t, "status", a.Status, 201)
	made := a.JSON(t)
	for name, want := range map[string]string{
		"external_id": "acme", "name": "Acme", "project_id": user.DefaultProject("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"), "scopes": "[read:stats]", "metadata": "map[a:b]",
		"rate_limit": "map[auth:5 management:5 read:5 write:5]", "disabled": "false",
	} {
		expect.Same(t, name, fmt.Sprint(made[name]), want)
	}
	expect.Same(t, "what is left of its quota", made["quota"].(map[string]any)["remaining"], any(9.0))
	expect.Same(t, "the same once more", post(member("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"), `{"external_id":"acme"}`).Status, 409)
	expect.Same(t, "the same in another project", post(member("usr_BBBBBBBBBBBBBBBBBBBBBBBBBB"), `{"external_id":"acme"}`).Status, 201)
	expect.Same(t, "in a stranger's project", post(member("usr_BBBBBBBBBBBBBBBBBBBBBBBBBB"), fmt.Sprintf(`{"external_id":"x","project_id":%q}`, user.DefaultProject("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"))).Status, 404)
}

func TestCustomerThatIsNoneIsRefused(t *testing.T) {
	_, post := place(t)
	for body, field := range map[string]string{
		`{}`: "external_id", `{"external_id":" x"}`: "external_id", `{"external_id":"` + strings.Repeat("x", 256) + `"}`: "external_id",
		`{"external_id":"x","name":" "}`: "name", `{"external_id":"x","scopes":[]}`: "scopes", `{"external_id":"x","scopes":["read:nothing"]}`: "scopes",
		`{"external_id":"x","rate_limit":0}`: "rate_limit", `{"external_id":"x","quota":{"limit":0}}`: "quota", `{"external_id":"x","id":"cus_A"}`: "id",
	} {
		a := post(member("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"), body)
		fields, _ := a.JSON(t)["fields"].([]any)
		if a.Status != 422 || len(fields) != 1 {
			t.Errorf("%.60s: status %d: %s", body, a.Status, a.Body)
			continue
		}
		expect.Same(t, body+": the field", fields[0].(map[string]any)["field"], any(field))
	}
}

// Who holds a customer's key could otherwise make a customer without bounds, and a key for it.
func TestCustomersKeyMakesNoCustomer(t *testing.T) {
	s, post := place(t)
	expect.Same(t, "its customer", post(member("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"), `{"external_id":"acme"}`).Status, 201)
	c, err := s.CustomerNamed(context.Background(), user.DefaultProject("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"), "acme")
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []string{"", c.ID} {
		k := apikey.Key{
			ID: apikey.NewID(), Type: apikey.Scoped, Owner: "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", Project: c.Project, Customer: of,
			Scopes: []string{"admin"}, Hash: "1:hash", Generation: 1, CreatedAt: time.Now(),
		}
		if err := s.CreateKey(context.Background(), k, audit.New(audit.Created, audit.Source{Now: time.Now()}, time.Hour)); err != nil {
			t.Fatal(err)
		}
		want := map[bool]int{true: 201, false: 403}[of == ""]
		a := post(gatewaytest.Key(k.ID, "scoped", "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", c.Project, "admin"), fmt.Sprintf(`{"external_id":"by %s"}`, k.ID))
		expect.Same(t, "a key of "+of, a.Status, want)
	}
}
