package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

var ctx = context.Background()

// deployments are the limits of the deployment.
var deployments = ratelimit.Limits{Window: time.Minute, Max: map[ratelimit.Category]int{
	ratelimit.Auth: 60, ratelimit.Management: 300, ratelimit.Read: 1200, ratelimit.Write: 0,
}}

// world is the function with a user and that user's first project.
type world struct {
	t     *testing.T
	f     gateway.Function
	store *store.Store
	ring  secret.Ring
	owner user.User
}

func newWorld(t *testing.T) world {
	t.Helper()
	text := `{"current":"1","1":"` + strings.Repeat("p", 32) + `"}`
	ring, err := secret.ParseRing(text)
	if err != nil {
		t.Fatal(err)
	}
	s := storetest.New(t)
	h := handler{s, secret.NewSource(func(context.Context) (string, error) { return text, nil }, time.Now), time.Hour, deployments, 0}
	u := user.New("a@example.com", user.Admin, time.Now())
	if err := s.CreateUser(ctx, u, "hash", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	return world{t, gateway.Protected(h.serve), s, ring, u}
}

func (w world) member() map[string]any {
	return gatewaytest.User(w.owner.ID, w.owner.Email, "member", scope.Default().OfRole("member").String())
}

func (w world) admin() map[string]any {
	return gatewaytest.User(w.owner.ID, w.owner.Email, "admin", scope.Default().All().String())
}

func (w world) post(authorizer map[string]any, body string) gatewaytest.Answer {
	w.t.Helper()
	return gatewaytest.Do(w.t, w.f, gatewaytest.Call{Method: "POST", Resource: "/v1/api-keys", Authorizer: authorizer, Body: body})
}

func (w world) count() int {
	w.t.Helper()
	storetest.AwaitIndex()
	list, _, err := w.store.Keys(ctx, w.owner.ID, store.Page{Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(list)
}

func TestNewKeyIsShownOnceAndKeptAsAHash(t *testing.T) {
	w := newWorld(t)
	made := w.post(w.member(), `{"name":"ci","permissions":["read:campaigns","stats:read"],"metadata":{"team":"x"},"allowed_ips":["192.0.2.7","10.1.2.3/8"],"rate_limit":{"read":5},"expires_at":"2999-01-01T00:00:00+02:00"}`)
	if made.Status != 201 {
		t.Fatal(made)
	}
	full := made.JSON(t)["key"].(string)
	id, err := apikey.ID(full)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same[any](t, "id", id, made.JSON(t)["id"])
	expect.Same(t, "full starts with gf_", strings.HasPrefix(full, "gf_"), true)
	k, err := w.store.Key(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "kept: the record contains the secret", strings.Contains(fmt.Sprintf("%+v", k), full[8:]), false)
	expect.Same(t, "kept: k.Hash", k.Hash, w.ring.MAC(full))
	if !slices.Equal(k.Scopes, []string{"read:campaigns", "read:stats"}) {
		t.Errorf("k.Scopes: %v, want %v", k.Scopes, []string{"read:campaigns", "read:stats"})
	}
	if !slices.Equal(k.AllowedIPs, []string{"192.0.2.7/32", "10.0.0.0/8"}) {
		t.Errorf("k.AllowedIPs: %v, want %v", k.AllowedIPs, []string{"192.0.2.7/32", "10.0.0.0/8"})
	}
	expect.Same(t, "k.Read", k.Read, 5)
	expect.Same(t, "k.Write", k.Write, 0)
	expect.Same(t, "k.Label", k.Label, "ci")
	expect.Same(t, "team", k.Metadata["team"], "x")
	expect.Same(t, "k.Owner", k.Owner, w.owner.ID)
	if k.ExpiresAt == 0 {
		t.Errorf("k.ExpiresAt: %v, want another than 0", k.ExpiresAt)
	}
	switch log, _, err := w.store.AuditLog(ctx, id, store.Page{Limit: 10}, time.Now()); {
	case err != nil:
		t.Fatal(err)
	case len(log) != 1:
		t.Errorf("len(log): %v, want 1", len(log))
	case log[0].Actor.ID != w.owner.ID:
		t.Errorf("log[0].Actor.ID: %v, want %v", log[0].Actor.ID, w.owner.ID)
	}
}

func TestSessionThatIsOlderThanAScopeIsToldToLogInAgain(t *testing.T) {
	w := newWorld(t)
	old := func(role string) map[string]any {
		return gatewaytest.User(w.owner.ID, w.owner.Email, role, "read:stats")
	}
	for _, row := range []struct{ role, asked, want string }{
		{"member", "read:campaigns", "Your login does not hold read:campaigns yet: log in again, or refresh your token"},
		{"admin", "admin", "Your login does not hold admin, read:billing,"},
		{"member", "admin", "You cannot grant a scope that you do not hold"},
	} {
		a := w.post(old(row.role), `{"label":"x","scopes":["`+row.asked+`"]}`)
		detail, _ := a.JSON(t)["detail"].(string)
		if a.Status != 403 || !strings.HasPrefix(detail, row.want) {
			t.Errorf("a %s asks for %s: %d %s, want %s", row.role, row.asked, a.Status, detail, row.want)
		}
	}
}

func TestTypeSaysPrefixAndScopes(t *testing.T) {
	w := newWorld(t)
	for kind, want := range map[string]struct{ prefix, scopes string }{
		"":          {"gf_", scope.Default().AllButAdmin().String()},
		"scoped":    {"gf_", scope.Default().AllButAdmin().String()},
		"secret":    {"sk_", scope.Default().AllButAdmin().String()},
		"server":    {"sk_", scope.Default().AllButAdmin().String()},
		"client":    {"ck_", "write:events"},
		"read_only": {"ro_", scope.Default().ReadOnly().String()},
	} {
		a := w.post(w.admin(), `{"label":"x","type":"`+kind+`"}`)
		if a.Status != 201 {
			t.Errorf("%s: status %d, want 201: %s", kind, a.Status, a.Body)
			continue
		}
		expect.Same(t, kind+": the key starts with "+want.prefix, strings.HasPrefix(a.JSON(t)["key"].(string), want.prefix), true)
		k, err := w.store.Key(ctx, a.JSON(t)["id"].(string))
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, kind+": the scopes", strings.Join(k.Scopes, " "), want.scopes)
	}
}

func TestNobodyGrantsWhatTheyDoNotHold(t *testing.T) {
	w := newWorld(t)
	own := user.DefaultProject(w.owner.ID)
	for _, row := range []struct {
		name   string
		caller map[string]any
		body   string
		status int
	}{
		{"admin by an admin", w.admin(), `{"name":"x","scopes":["admin"]}`, 201},
		{"admin by a member", w.member(), `{"name":"x","scopes":["admin"]}`, 403},
		{"by a key, what it has", w.key(own, "read:stats"), `{"name":"x","scopes":["read:stats"]}`, 201},
		{"by a key, more", w.key(own, "read:stats"), `{"name":"x","scopes":["read:offers"]}`, 403},
		{"by a key, nothing in common", w.key(own, "read:stats"), `{"name":"x","type":"client"}`, 403},
		{"by a key without scopes", w.key(own, ""), `{"name":"x"}`, 403},
		{"a client key that reads", w.admin(), `{"name":"x","type":"client","scopes":["read:stats"]}`, 422},
		{"a read-only key that writes", w.admin(), `{"name":"x","type":"read_only","scopes":["write"]}`, 422},
		{"a secret key that administers", w.admin(), `{"name":"x","type":"secret","scopes":["admin"]}`, 422},
	} {
		if a := w.post(row.caller, row.body); a.Status != row.status {
			t.Errorf("%s: %+v", row.name, a)
		}
	}
	if n := w.count(); n != 2+4 { // four of them make keys
		t.Errorf("%d keys", n)
	}
}

func TestKeyBelongsToAProjectOfTheCaller(t *testing.T) {
	w := newWorld(t)
	second := project.New(w.owner.ID, "two", "afk_live_", time.Now())
	foreign := project.New("usr_B", "theirs", "gf_", time.Now())
	for _, p := range []project.Project{second, foreign} {
		if err := w.store.CreateProject(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	a := w.post(w.member(), `{"name":"x","project_id":"`+second.ID+`"}`)
	if a.Status != 201 {
		t.Fatalf("status %d, want 201: %s", a.Status, a.Body)
	}
	expect.Same(t, "key starts with afk_live_", strings.HasPrefix(a.JSON(t)["key"].(string), "afk_live_"), true)
	expect.Same[any](t, "project_id", a.JSON(t)["project_id"], second.ID)
	key := w.key(second.ID, "read:stats")
	switch a := w.post(key, `{"name":"x"}`); {
	case a.Status != 201:
		t.Errorf("by a key: status %d, want 201: %s", a.Status, a.Body)
	case a.JSON(t)["project_id"] != second.ID:
		t.Errorf("by a key: project_id: %v, want %v", a.JSON(t)["project_id"], second.ID)
	}
	for name, id := range map[string]string{
		"another's": foreign.ID, "unknown": project.New("u", "x", "gf_", time.Now()).ID, "nonsense": "../x", "long": strings.Repeat("x", 2000),
	} {
		switch a := w.post(w.member(), `{"name":"x","project_id":"`+id+`"}`); {
		case a.Status != 404:
			t.Errorf("%s: status %d, want 404: %s", name, a.Status, a.Body)
		case a.Code(t) != "RESOURCE_NOT_FOUND":
			t.Errorf("%s: error_code: %v, want RESOURCE_NOT_FOUND", name, a.Code(t))
		}
	}
	if a := w.post(key, `{"name":"x","project_id":"`+user.DefaultProject(w.owner.ID)+`"}`); a.Status != 404 {
		t.Errorf("a key in another project of its owner: %+v", a)
	}
}
