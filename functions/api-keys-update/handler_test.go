package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// a world is the endpoint over a table of its own.
type world struct {
	*testing.T
	store *store.Store
	f     gateway.Function
	now   time.Time
}

func newWorld(t *testing.T) world {
	t.Helper()
	s := storetest.New(t)
	limits := ratelimit.Limits{Max: map[ratelimit.Category]int{ratelimit.Read: 100, ratelimit.Write: 100}}
	return world{t, s, gateway.Protected(handler{s, time.Hour, limits}.serve), time.Now().Truncate(time.Second).UTC()}
}

func (w world) key(change func(*apikey.Key)) apikey.Key {
	w.Helper()
	k := apikey.Key{
		ID: apikey.NewID(), Label: "test", Type: apikey.Scoped, Owner: "usr_A", Project: "prj_A", Prefix: "gf_", Masked: "gf_12345••••••••",
		Scopes: []string{"read:offers", "read:stats"}, Metadata: map[string]string{"a": "b", "c": "d"},
		Hash: "1:hash", Generation: 1, CreatedAt: w.now,
	}
	if change != nil {
		change(&k)
	}
	if err := w.store.CreateKey(context.Background(), k, audit.New(audit.Created, audit.Source{Now: w.now}, time.Hour)); err != nil {
		w.Fatal(err)
	}
	return w.read(k.ID)
}

func (w world) read(id string) apikey.Key {
	w.Helper()
	k, err := w.store.Key(context.Background(), id)
	if err != nil {
		w.Fatal(err)
	}
	return k
}

func (w world) patch(as map[string]any, id, body string) gatewaytest.Answer {
	w.Helper()
	return w.patchAs(as, id, body, "application/json")
}

func (w world) patchAs(as map[string]any, id, body, mediaType string) gatewaytest.Answer {
	w.Helper()
	return gatewaytest.Do(w.T, w.f, gatewaytest.Call{
		Method: "PATCH", Resource: "/v1/api-keys/{id}", Path: map[string]string{"id": id}, Authorizer: as, Body: body,
		Header: map[string]string{"Content-Type": mediaType},
	})
}

func (w world) log(id string) []audit.Entry {
	w.Helper()
	entries, _, err := w.store.AuditLog(context.Background(), id, store.Page{Limit: 100}, w.now)
	if err != nil {
		w.Fatal(err)
	}
	return entries
}

func member() map[string]any {
	return gatewaytest.User("usr_A", "a@example.com", "member", "read:offers read:stats write:offers")
}

func admin() map[string]any {
	return gatewaytest.User("usr_A", "a@example.com", "admin", "admin read:offers read:stats write:offers")
}

func TestPatchChangesWhatItNamesAndTheLogSaysFromWhatToWhat(t *testing.T) {
	w := newWorld(t)
	later := w.now.Add(time.Hour).Format(time.RFC3339)
	for body, want := range map[string]struct {
		shown  func(apikey.View) any
		to     any
		detail map[string]string
	}{
		`{"label":"new"}`: {func(v apikey.View) any { return v.Label }, "new", map[string]string{"label_from": "test", "label_to": "new"}},
		`{"name":"new"}`:  {func(v apikey.View) any { return v.Name }, "new", map[string]string{"label_from": "test", "label_to": "new"}},
		`{"scopes":["stats:read","read:stats"]}`: {func(v apikey.View) any { return v.Scopes }, []string{"read:stats"},
			map[string]string{"scopes_from": "read:offers read:stats", "scopes_to": "read:stats"}},
		`{"permissions":["write:offers"]}`: {func(v apikey.View) any { return v.Permissions }, []string{"write:offers"},
			map[string]string{"scopes_from": "read:offers read:stats", "scopes_to": "write:offers"}},
		`{"expires_at":"` + later + `"}`: {func(v apikey.View) any { return v.ExpiresAt.Format(time.RFC3339) }, later,
			map[string]string{"expires_at_from": "never", "expires_at_to": later}},
		`{"rate_limit":{"read":5}}`: {func(v apikey.View) any { return *v.RateLimit }, ratelimit.Overrides{Read: 5},
			map[string]string{"rate_limit_from": "default", "rate_limit_to": `{"read":5}`}},
		`{"rate_limit":7}`: {func(v apikey.View) any { return v.RateLimit.Auth }, 7,
			map[string]string{"rate_limit_from": "default", "rate_limit_to": `{"auth":7,"management":7,"read":7,"write":7}`}},
		`{"metadata":{"a":null,"e":"f"}}`: {func(v apikey.View) any { return v.Metadata }, map[string]string{"c": "d", "e": "f"},
			map[string]string{"metadata_from": `{"a":"b","c":"d"}`, "metadata_to": `{"c":"d","e":"f"}`}},
		`{"metadata":null}`: {func(v apikey.View) any { return v.Metadata }, map[string]string{},
			map[string]string{"metadata_from": `{"a":"b","c":"d"}`, "metadata_to": "none"}},
		`{"allowed_ips":["192.0.2.7","10.1.2.3/8"]}`: {func(v apikey.View) any { return v.AllowedIPs }, []string{"192.0.2.7/32", "10.0.0.0/8"},
			map[string]string{"allowed_ips_from": "all", "allowed_ips_to": "192.0.2.7/32 10.0.0.0/8"}},
		`{"disabled":true}`: {func(v apikey.View) any { return v.Status + fmt.Sprint(v.Disabled) }, "disabledtrue",
			map[string]string{"disabled_from": "false", "disabled_to": "true"}},
	} {
		k := w.key(nil)
		a := w.patch(member(), k.ID, body)
		expect.Same(t, body+": status", a.Status, 200)
		found := w.read(k.ID)
		expect.Same(t, body+": the key", fmt.Sprint(want.shown(found.View(w.now))), fmt.Sprint(want.to))
		newest := w.log(k.ID)[0]
		if newest.Action == audit.Created {
			newest = w.log(k.ID)[1] // both of one millisecond
		}
		expect.Same(t, body+": the action", newest.Action, audit.Updated)
		expect.Same(t, body+": the detail", fmt.Sprint(newest.Detail), fmt.Sprint(want.detail))
		expect.Same(t, body+": the actor", newest.Actor.ID, "usr_A")
	}
}

func TestNullRemovesWhatMayBeAbsent(t *testing.T) {
	w := newWorld(t)
	full := func(k *apikey.Key) {
		k.ExpiresAt, k.AllowedIPs, k.Read, k.Write, k.DisabledAt = w.now.Unix()+60, []string{"192.0.2.7/32"}, 5, 6, nil
	}
	k := w.key(full)
	expect.Same(t, "status", w.patch(member(), k.ID, `{"expires_at":null,"allowed_ips":null,"rate_limit":{"read":null}}`).Status, 200)
	found := w.read(k.ID)
	expect.Same(t, "the expiry", found.ExpiresAt, 0)
	expect.Same(t, "the addresses", len(found.AllowedIPs), 0)
	expect.Same(t, "the limits", fmt.Sprint(found.Overrides), fmt.Sprint(ratelimit.Overrides{Write: 6}))
	expect.Same(t, "status", w.patch(member(), k.ID, `{"rate_limit":null}`).Status, 200)
	expect.Same(t, "the limits", fmt.Sprint(w.read(k.ID).Overrides), fmt.Sprint(ratelimit.Overrides{}))
}

func TestPatchThatChangesNothingLeavesNoEntry(t *testing.T) {
	w := newWorld(t)
	k := w.key(nil)
	for _, body := range []string{
		`{}`, `{"label":"test"}`, `{"scopes":["read:stats","read:offers"]}`, `{"metadata":{"a":"b","x":null}}`, `{"metadata":{}}`,
		`{"disabled":false}`, `{"expires_at":null,"rate_limit":null,"allowed_ips":[]}`,
	} {
		a := w.patchAs(member(), k.ID, body, "application/merge-patch+json; charset=utf-8")
		expect.Same(t, body+": status", a.Status, 200)
		expect.Same(t, body+": the id", a.JSON(t)["id"], any(k.ID))
		expect.Same(t, body+": the key in the answer is masked", a.JSON(t)["key"], any(k.Masked))
	}
	expect.Same(t, "the entries", len(w.log(k.ID)), 1)
	expect.Same(t, "the key", fmt.Sprintf("%+v", w.read(k.ID)), fmt.Sprintf("%+v", k))
}

func TestPatchThatIsNotValidChangesNothing(t *testing.T) {
	w := newWorld(t)
	k := w.key(nil)
	for body, want := range map[string]string{
		`{"label":null}`: "label", `{"label":7}`: "label", `{"label":" x"}`: "label", `{"name":""}`: "name", `{"label":"x","name":"x"}`: "",
		`{"scopes":null}`: "scopes", `{"scopes":[]}`: "scopes", `{"scopes":["read:nothing"]}`: "scopes", `{"scopes":"read:stats"}`: "scopes",
		`{"scopes":["read:stats"],"permissions":["read:stats"]}`: "", `{"permissions":[7]}`: "permissions",
		`{"expires_at":"2001-01-01T00:00:00Z"}`: "expires_at", `{"expires_at":7}`: "expires_at", `{"expires_at":"tomorrow"}`: "expires_at",
		`{"rate_limit":0}`: "rate_limit", `{"rate_limit":{"read":-1}}`: "rate_limit", `{"rate_limit":{"all":1}}`: "rate_limit",
		`{"rate_limit":{"all":null}}`: "rate_limit", `{"rate_limit":[]}`: "rate_limit", `{"rate_limit":{"read":1000001}}`: "rate_limit",
		`{"metadata":"x"}`: "metadata", `{"metadata":{"a":1}}`: "metadata", `{"metadata":{"":"x"}}`: "metadata",
		`{"metadata":{"":null}}`:                                "metadata",
		`{"metadata":{"x":"` + strings.Repeat("x", 513) + `"}}`: "metadata",
		`{"allowed_ips":["x"]}`:                                 "allowed_ips", `{"allowed_ips":"10.0.0.0/8"}`: "allowed_ips",
		`{"disabled":null}`: "disabled", `{"disabled":"true"}`: "disabled", `{"disabled":0}`: "disabled",
		`{"type":"secret"}`: "type", `{"project_id":"prj_B"}`: "project_id", `{"id":"x"}`: "id", `{"Disabled":true}`: "Disabled",
		`{"disabled":true,"disabled":false}`: "disabled", `{"rate_limit":{"read":1,"read":2}}`: "rate_limit.read", `[]`: "",
	} {
		a := w.patch(member(), k.ID, body)
		fields, _ := a.JSON(t)["fields"].([]any)
		if a.Status != 422 || len(fields) != 1 {
			t.Errorf("%s: status %d, want 422 with one field: %s", body, a.Status, a.Body)
			continue
		}
		expect.Same(t, body+": the field", fields[0].(map[string]any)["field"], any(want))
	}
	expect.Same(t, "broken JSON", w.patch(member(), k.ID, `{"label":`).Status, 400)
	expect.Same(t, "no body", w.patch(member(), k.ID, "").Status, 400)
	for _, mediaType := range []string{"text/plain", "application/json-patch+json", "application/x-www-form-urlencoded"} {
		expect.Same(t, mediaType, w.patchAs(member(), k.ID, `{"label":"x"}`, mediaType).Status, 415)
	}
	expect.Same(t, "the key", fmt.Sprintf("%+v", w.read(k.ID)), fmt.Sprintf("%+v", k))
}

func TestNobodyChangesAKeyThatTheyCannotSee(t *testing.T) {
	w := newWorld(t)
	k := w.key(nil)
	for name, as := range map[string]map[string]any{
		"a stranger":               gatewaytest.User("usr_B", "b@example.com", "member", "read:stats"),
		"a key of another project": gatewaytest.Key(apikey.NewID(), "scoped", "usr_A", "prj_B", "admin"),
	} {
		a := w.patch(as, k.ID, `{"disabled":true}`)
		expect.Same(t, name, fmt.Sprint(a.Status, " ", a.Code(t)), "404 RESOURCE_NOT_FOUND")
	}
	for _, id := range []string{"", "x", apikey.NewID(), "../" + k.ID, k.ID + "\x00"} {
		expect.Same(t, fmt.Sprintf("%q", id), w.patch(member(), id, `{"disabled":true}`).Status, 404)
	}
	expect.Same(t, "the key", fmt.Sprintf("%+v", w.read(k.ID)), fmt.Sprintf("%+v", k))
}

// An administrator who is logged in stops the key of anybody, and gives nobody's key more.
func TestAdministratorDisablesTheKeyOfAnybodyAndChangesNothingElse(t *testing.T) {
	w := newWorld(t)
	k, overseer := w.key(nil), gatewaytest.User("usr_B", "b@example.com", "admin", "admin read:offers read:stats write:offers")
	for _, body := range []string{`{"label":"x"}`, `{"scopes":["write:offers"]}`, `{"disabled":true,"label":"x"}`, `{"expires_at":"2999-01-01T00:00:00Z"}`} {
		a := w.patch(overseer, k.ID, body)
		expect.Same(t, body, fmt.Sprint(a.Status, " ", a.Code(t)), "403 FORBIDDEN")
	}
	expect.Same(t, "the key", fmt.Sprintf("%+v", w.read(k.ID)), fmt.Sprintf("%+v", k))
	for _, body := range []string{`{"disabled":true}`, `{"disabled":true}`, `{"disabled":false}`} {
		expect.Same(t, body, w.patch(overseer, k.ID, body).Status, 200)
	}
	expect.Same(t, "it is disabled", w.read(k.ID).DisabledAt != nil, false)
	expect.Same(t, "its entries", len(w.log(k.ID)), 3)
}

func TestKeyThatHasEndedIsNotChanged(t *testing.T) {
	w := newWorld(t)
	revoked := w.key(func(k *apikey.Key) { k.RevokedAt = &w.now })
	expired := w.key(func(k *apikey.Key) { k.ExpiresAt = w.now.Unix() - 1 })
	for _, k := range []apikey.Key{revoked, expired} {
		for _, body := range []string{`{"disabled":true}`, `{"expires_at":null}`, `{"label":"x"}`, `{}`} {
			a := w.patch(member(), k.ID, body)
			expect.Same(t, body, fmt.Sprint(a.Status, " ", a.Code(t)), "409 KEY_REVOKED")
		}
		expect.Same(t, "the key", fmt.Sprintf("%+v", w.read(k.ID)), fmt.Sprintf("%+v", k))
	}
}

func TestOfConcurrentPatchesNoneIsLost(t *testing.T) {
	w := newWorld(t)
	k := w.key(nil)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			body := fmt.Sprintf(`{"metadata":{"n%d":"x"}}`, i)
			if a := w.patch(member(), k.ID, body); a.Status != 200 {
				t.Errorf("%s: status %d: %s", body, a.Status, a.Body)
			}
		})
	}
	all.Wait()
	expect.Same(t, "names in the metadata", len(w.read(k.ID).Metadata), 2+8)
	expect.Same(t, "entries", len(w.log(k.ID)), 1+8)
}
