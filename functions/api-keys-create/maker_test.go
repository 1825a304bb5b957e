package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// key is a secret key of that project, as a caller. Each change is made before it is written.
func (w world) key(project, scopes string, changes ...func(*apikey.Key)) map[string]any {
	w.t.Helper()
	k := apikey.Key{
		ID: apikey.NewID(), Label: "maker", Type: apikey.Secret, Owner: w.owner.ID, Project: project,
		Scopes: strings.Fields(scopes), Hash: "1:hash", Generation: 1, CreatedAt: time.Now(),
	}
	for _, change := range changes {
		change(&k)
	}
	if err := w.store.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: time.Now()}, time.Hour)); err != nil {
		w.t.Fatal(err)
	}
	caller := gatewaytest.Key(k.ID, string(k.Type), k.Owner, k.Project, scopes)
	caller[gateway.CtxExpires] = fmt.Sprint(k.ExpiresAt)
	return caller
}

// maker is a key of the owner's first project with every scope but admin.
func (w world) maker(changes ...func(*apikey.Key)) map[string]any {
	w.t.Helper()
	return w.key(user.DefaultProject(w.owner.ID), scope.Default().AllButAdmin().String(), changes...)
}

// made is the key that such a request makes.
func (w world) made(authorizer map[string]any, body string) apikey.Key {
	w.t.Helper()
	a := w.post(authorizer, body)
	if a.Status != 201 {
		w.t.Fatalf("%s: status %d, want 201: %s", body, a.Status, a.Body)
	}
	k, err := w.store.Key(ctx, a.JSON(w.t)["id"].(string))
	if err != nil {
		w.t.Fatal(err)
	}
	return k
}

// refused expects a 422 that names the field.
func (w world) refused(authorizer map[string]any, body, field string) {
	w.t.Helper()
	a := w.post(authorizer, body)
	fields, _ := a.JSON(w.t)["fields"].([]any)
	expect.Same(w.t, body+": status", a.Status, 422)
	if len(fields) != 1 {
		w.t.Errorf("%s: %d fields are named, want %s alone: %s", body, len(fields), field, a.Body)
		return
	}
	expect.Same[any](w.t, body+": the field that is named", fields[0].(map[string]any)["field"], field)
}

func TestKeyShowsTheKeyThatMadeIt(t *testing.T) {
	w := newWorld(t)
	maker := w.maker()
	expect.Same[any](t, "created_by of a key's key", w.post(maker, `{"name":"k"}`).JSON(t)["created_by"], maker[gateway.CtxKey])
	expect.Same[any](t, "created_by of a user's key", w.post(w.member(), `{"name":"k"}`).JSON(t)["created_by"], nil)
}

func TestKeysThatMakeKeysEnd(t *testing.T) {
	w := newWorld(t)
	last := w.maker(func(k *apikey.Key) { k.Depth = apikey.MaxDepth })
	a := w.post(last, `{"name":"k"}`)
	expect.Same(t, "status", a.Status, 403)
	expect.Same(t, "error_code", a.Code(t), "FORBIDDEN")
	expect.Same(t, "the depth of one below", w.made(w.maker(func(k *apikey.Key) { k.Depth = 3 }), `{"name":"k"}`).Depth, 4)
}

func TestKeyMadeByAKeyDoesNotOutliveIt(t *testing.T) {
	w := newWorld(t)
	end := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	maker := w.maker(func(k *apikey.Key) { k.ExpiresAt = end.Unix() })
	expect.Same(t, "the end of one without an expiry", w.made(maker, `{"name":"k"}`).ExpiresAt, end.Unix())
	expect.Same(t, "the end of one with the same", w.made(maker, `{"name":"k","expires_at":"`+end.Format(time.RFC3339)+`"}`).ExpiresAt, end.Unix())
	w.refused(maker, `{"name":"k","expires_at":"`+end.Add(time.Second).Format(time.RFC3339)+`"}`, "expires_at")
}

func TestKeyMadeWithAnOldSecretEndsWithTheGrace(t *testing.T) {
	w := newWorld(t)
	end := time.Now().Add(time.Minute).Unix()
	inGrace := w.maker(func(k *apikey.Key) { k.Generation, k.PrevHash, k.PrevUntil = 2, "1:old", end })
	expect.Same(t, "the end of the key", w.made(inGrace, `{"name":"k"}`).ExpiresAt, end)
	w.refused(inGrace, `{"name":"k","expires_at":"2999-01-01T00:00:00Z"}`, "expires_at")
}

func TestKeyMadeWithATokenEndsWithTheToken(t *testing.T) {
	w := newWorld(t)
	end := time.Now().Add(time.Minute).Unix()
	token := w.maker(func(k *apikey.Key) { k.Type, k.Scopes = apikey.Scoped, scope.Default().All() })
	token[gateway.CtxType], token[gateway.CtxToken], token[gateway.CtxExpires] = string(gateway.Client), "JTI", fmt.Sprint(end)
	expect.Same(t, "the end of the key", w.made(token, `{"name":"k"}`).ExpiresAt, end)
	w.refused(token, `{"name":"k","expires_at":"2999-01-01T00:00:00Z"}`, "expires_at")
}

func TestKeyMadeByAKeyIsBoundToItsAddresses(t *testing.T) {
	w := newWorld(t)
	maker := w.maker(func(k *apikey.Key) { k.AllowedIPs = []string{"192.0.2.0/24", "2001:db8::/32"} })
	if k := w.made(maker, `{"name":"k"}`); !slices.Equal(k.AllowedIPs, []string{"192.0.2.0/24", "2001:db8::/32"}) {
		t.Errorf("a key without addresses may be used from %v, want its maker's", k.AllowedIPs)
	}
	w.made(maker, `{"name":"k","allowed_ips":["192.0.2.7","192.0.2.128/25","2001:db8:1::/48"]}`)
	for _, block := range []string{"192.0.3.1", "192.0.0.0/16", "0.0.0.0/0", "::/0", "2001:db9::1"} {
		w.refused(maker, `{"name":"k","allowed_ips":["192.0.2.7","`+block+`"]}`, "allowed_ips")
	}
}

func TestKeyMadeByAKeyHasNoHigherLimit(t *testing.T) {
	w := newWorld(t)
	own := w.maker(func(k *apikey.Key) { k.Overrides = ratelimit.Overrides{Read: 5, Auth: 5000} })
	expect.Same(t, "the limits of a key without its own", w.made(own, `{"name":"k"}`).Overrides, ratelimit.Overrides{Read: 5, Auth: 5000})
	expect.Same(t, "the limit of a key with a lower one", w.made(own, `{"name":"k","rate_limit":{"read":4}}`).Read, 4)
	w.refused(own, `{"name":"k","rate_limit":{"read":6}}`, "rate_limit")
	w.refused(own, `{"name":"k","rate_limit":{"management":301}}`, "rate_limit")
	administrators := w.maker(func(k *apikey.Key) { k.Type, k.Scopes = apikey.Scoped, scope.Default().All() })
	administrators[gateway.CtxRole] = user.Admin
	w.refused(administrators, `{"name":"k","rate_limit":{"read":1201}}`, "rate_limit")
}

func TestKeyMadeByAKeyHasNoLargerQuota(t *testing.T) {
	w := newWorld(t)
	spent := quota.New(100, quota.Month, time.Now())
	spent.Left = 40
	own := w.maker(func(k *apikey.Key) { k.Quota = spent })
	expect.Same(t, "the quota of a key without its own", w.made(own, `{"name":"k"}`).Quota, spent)
	for body, want := range map[string]string{
		`{"name":"k","quota":{"limit":30,"period":"month"}}`:  "30 of 30 month",
		`{"name":"k","quota":{"limit":100,"period":"month"}}`: "40 of 100 month",
		`{"name":"k","quota":{"limit":90}}`:                   "40 of 90 ",
	} {
		q := w.made(own, body).Quota
		expect.Same(t, body, fmt.Sprint(q.Left, " of ", q.Limit, " ", q.Period), want)
	}
	w.refused(own, `{"name":"k","quota":{"limit":101,"period":"month"}}`, "quota")
	w.refused(own, `{"name":"k","quota":{"limit":5,"period":"day"}}`, "quota")
	w.refused(own, `{"name":"k","quota":{"limit":101}}`, "quota")
	w.refused(own, `{"name":"k","quota":{"period":"day"}}`, "quota")
	free := w.maker(func(*apikey.Key) {})
	expect.Same(t, "of a maker without a quota", w.made(free, `{"name":"k","quota":{"limit":5,"period":"day"}}`).Quota.Left, 5)
}

func TestCredentialThatEndedSinceItWasCheckedMakesNoKey(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	for name, row := range map[string]struct {
		change func(*apikey.Key)
		code   string
	}{
		"revoked":           {func(k *apikey.Key) { k.RevokedAt = &now }, "API_KEY_REVOKED"},
		"expired":           {func(k *apikey.Key) { k.ExpiresAt = now.Unix() - 1 }, "API_KEY_EXPIRED"},
		"regenerated":       {func(k *apikey.Key) { k.Generation = 2 }, "API_KEY_INVALID"},
		"the grace is over": {func(k *apikey.Key) { k.Generation, k.PrevUntil = 2, now.Unix()-1 }, "API_KEY_INVALID"},
		"the token revoked": {func(k *apikey.Key) { k.RevokedTokens = map[string]int64{"JTI": now.Unix() + 60} }, "API_KEY_INVALID"},
	} {
		caller := w.maker(row.change)
		if name == "the token revoked" {
			caller[gateway.CtxType], caller[gateway.CtxToken] = string(gateway.Client), "JTI"
		}
		a := w.post(caller, `{"name":"k"}`)
		expect.Same(t, name+": status", a.Status, 401)
		expect.Same(t, name+": error_code", a.Code(t), row.code)
	}
	deleted := w.maker()
	deleted[gateway.CtxKey], deleted[gateway.CtxPrincipal] = apikey.NewID(), "x"
	if a := w.post(deleted, `{"name":"k"}`); a.Status != 401 {
		t.Errorf("deleted: status %d, want 401: %s", a.Status, a.Body)
	}
}
