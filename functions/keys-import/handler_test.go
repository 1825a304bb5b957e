package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/bulk"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

var ctx = context.Background()

const foreign = "shop_live_8f3kQ0vT2mXc04aB"

// world is the function with an administrator, and a check of keys over the same table.
type world struct {
	t     *testing.T
	f     gateway.Function
	store *store.Store
	check *authn.Authenticator
	owner user.User
}

func newWorld(t *testing.T) world {
	t.Helper()
	pepper := secret.NewSource(func(context.Context) (string, error) {
		return `{"current":"1","1":"` + strings.Repeat("p", 32) + `"}`, nil
	}, time.Now)
	s := storetest.New(t)
	u := user.New("a@example.com", user.Admin, time.Now())
	if err := s.CreateUser(ctx, u, "hash", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	f := gateway.Protected(handler{s, time.Hour}.serve)
	return world{t, f, s, authn.New(s, tokentest.Authority(t), pepper, nil), u}
}

func (w world) admin() map[string]any {
	return gatewaytest.User(w.owner.ID, w.owner.Email, "admin", scope.Default().All().String())
}

func (w world) post(authorizer map[string]any, body string) gatewaytest.Answer {
	w.t.Helper()
	return gatewaytest.Do(w.t, w.f, gatewaytest.Call{Method: "POST", Resource: "/v1/keys/import", Authorizer: authorizer, Body: body})
}

// imports sends lines as the administrator.
func (w world) imports(lines ...string) bulk.Summary {
	w.t.Helper()
	a := w.post(w.admin(), strings.Join(lines, "\n"))
	var s bulk.Summary
	if err := json.Unmarshal([]byte(a.Body), &s); err != nil || a.Status != 200 {
		w.t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	return s
}

// try checks a key.
func (w world) try(key string) (authn.Identity, error) {
	return w.check.IdentifyKey(ctx, key, authn.Request{Address: "192.0.2.7", Now: time.Now()})
}

// hashed returns a line with the hash of a text, and more fields.
func hashed(text, more string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf(`{"name":"k","scopes":["read:stats"],"hash":"%s"%s}`, hex.EncodeToString(sum[:]), more)
}

func TestImportedKeyGoesOnWorkingWithWhatItsLineSays(t *testing.T) {
	w := newWorld(t)
	s := w.imports(hashed(foreign, `,"prefix":"shop_live_","rate_limit":{"read":5},"metadata":{"team":"x"},"allowed_ips":["192.0.2.0/24"],"expires_at":"2999-01-01T00:00:00Z"`))
	expect.Same(t, "created", s.Created, 1)
	found, err := w.try(foreign)
	if err != nil {
		t.Fatal(err)
	}
	k := found.Key
	expect.Same(t, "id", k.ID, s.Results[0].ID)
	expect.Same(t, "scopes", found.Scopes.String(), "read:stats")
	expect.Same(t, "owner", k.Owner, w.owner.ID)
	expect.Same(t, "project", k.Project, user.DefaultProject(w.owner.ID))
	expect.Same(t, "masked", k.Masked, "shop_liv••••••••")
	expect.Same(t, "limit", k.Read, 5)
	expect.Same(t, "metadata", k.Metadata["team"], "x")
	expect.Same(t, "addresses", k.AllowedIPs[0], "192.0.2.0/24")
	if k.ExpiresAt == 0 {
		t.Error("it does not expire")
	}
	if _, err := w.try(foreign + "x"); err == nil {
		t.Error("another key is good too")
	}
	log, _, err := w.store.AuditLog(ctx, k.ID, store.Page{Limit: 10}, time.Now())
	if err != nil || len(log) != 1 {
		t.Fatalf("its log: %v, %v", log, err)
	}
	expect.Same(t, "action", log[0].Action, audit.Created)
	expect.Same(t, "detail", log[0].Detail["imported"], "true")
	expect.Same(t, "actor", log[0].Actor.ID, w.owner.ID)
}

func TestHashIsTakenInEveryUsualSpellingAndWithASalt(t *testing.T) {
	w := newWorld(t)
	spelt := func(key, hash, more string) string {
		return fmt.Sprintf(`{"name":"k","scopes":["read:stats"],"hash":"%s"%s}`, hash, more)
	}
	of := func(text string) []byte { sum := sha256.Sum256([]byte(text)); return sum[:] }
	lines := map[string]string{}
	for i, encode := range []func([]byte) string{
		hex.EncodeToString, func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) },
		base64.StdEncoding.EncodeToString, base64.RawStdEncoding.EncodeToString, base64.URLEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString,
	} {
		key := fmt.Sprintf("%s_%d", foreign, i)
		lines[key] = spelt(key, encode(of(key)), "")
	}
	const part = "8f3kQ0vT2mXc04aBcdef"
	lines["plain."+part] = hashed("plain."+part, `,"identifier":"plain"`)
	lines["before."+part] = hashed("pepper & salt"+"before."+part, `,"identifier":"before","salt":"pepper & salt"`)
	lines["after."+part] = hashed("after."+part+"salt", `,"identifier":"after","salt":"salt","salt_after":true`)
	lines["bytes."+part] = hashed("\xff\x00"+"bytes."+part, `,"identifier":"bytes","salt_base64":"/wA=","prefix":"bytes.8f3"`)
	for key, text := range lines {
		if s := w.imports(text); s.Created != 1 {
			t.Errorf("%s: %+v", key, s)
		}
		if _, err := w.try(key); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		if _, err := w.try(key + "x"); err == nil {
			t.Errorf("%s: with another secret it is good too", key)
		}
	}
	if _, err := w.try("after." + part + "salt"); err == nil {
		t.Error("a key joined with its salt is good too")
	}
}

func TestSameLineTwiceChangesNothing(t *testing.T) {
	w := newWorld(t)
	text := hashed(foreign, "")
	first := w.imports(text)
	again := w.imports(text, text, hashed(foreign, `,"rate_limit":7`))
	expect.Same(t, "created", again.Created, 0)
	expect.Same(t, "exists", again.Exists, 3)
	expect.Same(t, "id", again.Results[1].ID, first.Results[0].ID)
	found, err := w.try(foreign)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "its limit", found.Key.Read, 0)
	log, _, err := w.store.AuditLog(ctx, found.Key.ID, store.Page{Limit: 10}, time.Now())
	if err != nil || len(log) != 1 {
		t.Errorf("its log: %v, %v", log, err)
	}
}

func TestRevokedOrDeletedKeyDoesNotComeBackWithItsList(t *testing.T) {
	w := newWorld(t)
	revoked, deleted := hashed(foreign+"1", ""), hashed(foreign+"2", "")
	s := w.imports(revoked, deleted)
	entry := func(action string) audit.Entry { return audit.New(action, audit.Source{Now: time.Now()}, time.Hour) }
	a, err := w.store.Key(ctx, s.Results[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.RevokeKey(ctx, a, entry(audit.Revoked)); err != nil {
		t.Fatal(err)
	}
	b, err := w.store.Key(ctx, s.Results[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.DeleteKey(ctx, b, entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
	again := w.imports(revoked, deleted)
	expect.Same(t, "the revoked one", again.Results[0].Status, bulk.Exists)
	expect.Same(t, "the deleted one", again.Results[1].Status, bulk.Refused)
	for _, key := range []string{foreign + "1", foreign + "2"} {
		if _, err := w.try(key); err == nil {
			t.Errorf("%s is good again", key)
		}
	}
}
