package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/oauth/oauthtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/verification"
	"github.com/latchkey/latchkey/tests/expect"
)

// a place is the endpoint over a table of its own, and what it logged.
type place struct {
	t    *testing.T
	d    oauthtest.Deployment
	f    gateway.Function
	wire *storetest.Wire
	log  *logged
}

// logged may be written to by several goroutines.
type logged struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *logged) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(text)
}

const window = 24 * time.Hour

func newPlace(t *testing.T) place {
	t.Helper()
	s, wire := storetest.Wired(t)
	limits := ratelimit.Limits{Window: window, Max: map[ratelimit.Category]int{ratelimit.Read: 3, ratelimit.Write: 100, ratelimit.Auth: 4}}
	a := authn.New(s, nil, secrettest.Source(), limits.For(ratelimit.Auth))
	before, log := slog.Default(), &logged{}
	slog.SetDefault(slog.New(slog.NewJSONHandler(log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return place{t, oauthtest.Over(t, s), gateway.Protected(handler{a, limits}.serve), wire, log}
}

// server is a key of usr_A's project prj_A that may check keys.
func server(scopes ...string) map[string]any {
	return gatewaytest.Key("SSSSSSSSSSSSSSSS", "scoped", "usr_A", "prj_A", strings.Join(append(scopes, "verify:keys"), " "))
}

func (p place) send(as map[string]any, body string) gatewaytest.Answer {
	p.t.Helper()
	return gatewaytest.Do(p.t, p.f, gatewaytest.Call{Method: "POST", Resource: "/v1/keys/verify", Authorizer: as, Body: body})
}

// verify asks about a key, with more members of the body, and returns the answer.
func (p place) verify(as map[string]any, key, more string) map[string]any {
	p.t.Helper()
	a := p.send(as, fmt.Sprintf(`{"key":%q%s}`, key, more))
	if a.Status != 200 {
		p.t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	return a.JSON(p.t)
}

// uses are the uses of keys that the log's lines tell of.
func (p place) uses(id string) (routes []string) {
	p.t.Helper()
	for line := range strings.Lines(p.log.String()) {
		if use, err := verification.Read(line); err == nil && use.KeyID == id {
			routes = append(routes, fmt.Sprint(use.Route, " ", use.Address, " proven:", use.Proven, " refused:", use.Refused))
		}
	}
	return routes
}

func TestGoodKeyIsValidAndItsUseIsCountedAndLogged(t *testing.T) {
	p := newPlace(t)
	k, full := p.d.Key(func(k *apikey.Key) { k.Metadata, k.ExpiresAt = map[string]string{"plan": "pro"}, time.Now().Unix()+600 })
	got := p.verify(server(), full, `,"method":"GET","path":"/api/stats","address":"198.51.100.9","api":"shop/prod"`)
	for name, want := range map[string]any{
		"valid": true, "code": "VALID", "key_id": k.ID, "project_id": "prj_A", "owner_id": "usr_A", "label": "test", "type": "scoped",
		"scopes": []any{"read:stats", "write:events"}, "metadata": map[string]any{"plan": "pro"},
		"expires_at": time.Unix(k.ExpiresAt, 0).UTC().Format(time.RFC3339),
	} {
		expect.Same(t, name, fmt.Sprint(got[name]), fmt.Sprint(want))
	}
	limit := got["limit"].(map[string]any)
	expect.Same(t, "the limit", fmt.Sprint(limit["category"], " ", limit["limit"], limit["remaining"]), "read 3 2")
	expect.Same(t, "the uses", fmt.Sprint(p.uses(k.ID)), "[GET /api/stats 198.51.100.9 proven:true refused:false]")
	use := p.log.String()
	expect.Same(t, "the use names the API", strings.Contains(use, `"api":"shop/prod"`), true)
	expect.Same(t, "the log has the secret", strings.Contains(use, full), false)

	p.verify(server(), full, `,"method":"POST","scopes":["write:events"],"address":"198.51.100.9"`)
	p.verify(server(), full, "")
	expect.Same(t, "another category, and no address", fmt.Sprint(p.uses(k.ID)[1:]),
		"[POST * 198.51.100.9 proven:true refused:false * *  proven:true refused:false]")
}

func TestLimitOfAKeyIsSharedWithTheAuthorizerAndExact(t *testing.T) {
	p := newPlace(t)
	k, full := p.d.Key(nil)
	if _, _, err := p.d.Store.CheckKey(t.Context(), k.ID, []string{hashOf(t, full)}, &ratelimit.Limit{Category: ratelimit.Read, Max: 3, Window: window}, time.Now()); err != nil {
		t.Fatal(err)
	}
	body := `{"keys":[` + strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`{"key":%q},`, full), 20), ",") + `]}`
	codes := map[string]int{}
	for _, one := range p.send(server(), body).JSON(t)["results"].([]any) {
		a := one.(map[string]any)
		codes[a["code"].(string)]++
		if a["code"] == "RATE_LIMIT_EXCEEDED" {
			expect.Same(t, "the key that is over its limit", a["key_id"], any(k.ID))
			if after, _ := a["limit"].(map[string]any)["retry_after"].(float64); after < 1 {
				t.Errorf("retry_after is %v", after)
			}
		}
	}
	expect.Same(t, "the answers", fmt.Sprint(codes), "map[RATE_LIMIT_EXCEEDED:18 VALID:2]")
	expect.Same(t, "uses that are logged", len(p.uses(k.ID)), 20)
}

func hashOf(t *testing.T, full string) string {
	t.Helper()
	ring, err := secrettest.Source().Ring(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return ring.MAC(full)
}

func TestDryRunCountsAndLogsNothing(t *testing.T) {
	p := newPlace(t)
	k, full := p.d.Key(nil)
	for range 5 {
		got := p.verify(server(), full, `,"dry_run":true`)
		expect.Same(t, "the code", got["code"], any("VALID"))
		expect.Same(t, "it has a limit", got["limit"] == nil, true)
	}
	expect.Same(t, "uses that are logged", len(p.uses(k.ID)), 0)
	expect.Same(t, "what remains", p.verify(server(), full, "")["limit"].(map[string]any)["remaining"], any(2.0))
}

func TestReasonsAreTheCodesOfTheAPI(t *testing.T) {
	p := newPlace(t)
	past, at := time.Now().Unix()-1, time.Now()
	make := func(change func(*apikey.Key)) string { _, full := p.d.Key(change); return full }
	plain := make(nil)
	bound := make(func(k *apikey.Key) { k.AllowedIPs = []string{"192.0.2.0/24"} })
	for name, row := range map[string]struct{ key, more, want string }{
		"revoked":              {make(func(k *apikey.Key) { k.RevokedAt = &at }), "", "API_KEY_REVOKED"},
		"expired":              {make(func(k *apikey.Key) { k.ExpiresAt = past }), "", "API_KEY_EXPIRED"},
		"disabled":             {make(func(k *apikey.Key) { k.DisabledAt = &at }), "", "API_KEY_DISABLED"},
		"another address":      {bound, `,"address":"198.51.100.9"`, "FORBIDDEN"},
		"no address":           {bound, "", "FORBIDDEN"},
		"its address":          {bound, `,"address":"192.0.2.9"`, "VALID"},
		"a scope that it has":  {plain, `,"scopes":["stats:read"]`, "VALID"},
		"one that it has not":  {plain, `,"scopes":["read:stats","read:offers"]`, "INSUFFICIENT_SCOPE"},
		"a route that is open": {make(nil), `,"method":"GET","path":"/api/stats/today"`, "VALID"},
		"one that is not":      {make(nil), `,"method":"POST","path":"/api/stats"`, "INSUFFICIENT_SCOPE"},
		"an ambiguous path":    {make(nil), `,"method":"GET","path":"/api/stats/../offers"`, "INSUFFICIENT_SCOPE"},
		"an illegible path":    {make(nil), `,"method":"GET","path":"/api/stats?x"`, "FORBIDDEN"},
		"scopes over the path": {make(nil), `,"method":"POST","path":"/orders/17","scopes":["read:stats"]`, "VALID"},
		"no key of ours":       {"sk_live_of_another_product_0123456789", "", "API_KEY_INVALID"},
		"a mistyped key":       {plain[:len(plain)-1] + "_", "", "API_KEY_INVALID"},
		"a token":              {"a.b.c", "", "API_KEY_INVALID"},
	} {
		got := p.verify(server(), row.key, row.more)
		expect.Same(t, name, got["code"], any(row.want))
		expect.Same(t, name+": valid", got["valid"], any(row.want == "VALID"))
		secret := row.want != "API_KEY_INVALID" && name != "an illegible path"
		expect.Same(t, name+": it names the key", got["key_id"] != nil, secret)
	}
}

// A server passes headers and problem on as they are: it needs no table of codes, and knows codes that are newer than it.
func TestAnswerHasTheHeadersAndTheBodyThatTheCallerShouldGet(t *testing.T) {
	p := newPlace(t)
	_, full := p.d.Key(nil)
	got := p.verify(server(), full, "")
	expect.Same(t, "a good key has a problem", got["problem"] == nil, true)
	limits := got["headers"].(map[string]any)
	expect.Same(t, "its limit", fmt.Sprint(limits["X-RateLimit-Limit"], " ", limits["X-RateLimit-Remaining"], " ", limits["RateLimit-Policy"]), `3 2 "read";q=3;w=86400`)
	expect.Same(t, "the reset", limits["X-RateLimit-Reset"], any(fmt.Sprintf("%.0f", got["limit"].(map[string]any)["reset"])))

	for name, row := range map[string]struct {
		key, more string
		status    float64
		challenge any
		detail    string
	}{
		"no key":                {"gf_mistyped", "", 401, `Bearer realm="latchkey", error="invalid_token", error_description="The API key is not valid"`, "API key is not valid"},
		"a token":               {"a.b.c", "", 401, `Bearer realm="latchkey", error="invalid_token", error_description="The API key is not valid"`, "Send an API key: a token is not one"},
		"a scope that it lacks": {full, `,"scopes":["read:offers"]`, 403, `Bearer realm="latchkey", error="insufficient_scope"`, "The credential's scopes do not allow this"},
		"an illegible path":     {full, `,"method":"GET","path":"/x?"`, 403, nil, "The path can be read in more than one way"},
	} {
		got := p.verify(server(), row.key, row.more)
		body, header := got["problem"].(map[string]any), got["headers"].(map[string]any)
		expect.Same(t, name+": status", body["status"], any(row.status))
		expect.Same(t, name+": error_code", body["error_code"], got["code"])
		expect.Same(t, name+": detail", body["detail"], any(row.detail))
		expect.Same(t, name+": a request id", body["request_id"] != "" && body["request_id"] != nil, true)
		expect.Same(t, name+": challenge", header["WWW-Authenticate"], row.challenge)
		expect.Same(t, name+": Retry-After", header["Retry-After"], nil)
	}
	for range 3 {
		got = p.verify(server(), full, "")
	}
	expect.Same(t, "the code over the limit", got["code"], any("RATE_LIMIT_EXCEEDED"))
	expect.Same(t, "Retry-After", got["headers"].(map[string]any)["Retry-After"], any(fmt.Sprintf("%.0f", got["limit"].(map[string]any)["retry_after"])))
}

// Whoever may check keys of one project learns nothing of another's, and counts nothing on them.
func TestKeyThatIsNotTheCallersBusinessIsNoKey(t *testing.T) {
	p := newPlace(t)
	k, full := p.d.Key(func(k *apikey.Key) { k.Owner, k.Project = "usr_B", "prj_B" })
	_, near := p.d.Key(func(k *apikey.Key) { k.Project = "prj_A2" })
	want := p.verify(server(), apikey.New("gf_", apikey.NewID()), "")
	everything := gatewaytest.Key("TTTTTTTTTTTTTTTT", "scoped", "usr_C", "prj_C", "verify:all_keys verify:keys")
	admins := gatewaytest.Key("UUUUUUUUUUUUUUUU", "scoped", "usr_C", "prj_C", "admin verify:keys")
	addresses := 0 // from each only so many may be wrong
	for name, as := range map[string]map[string]any{
		"a key of another owner": server(), "a key of another project": server(), "one with admin": admins,
		"a person": gatewaytest.User("usr_A", "a@example.com", "member", "verify:keys"),
	} {
		text := full
		if name == "a key of another project" {
			text = near
		}
		for _, more := range []string{"", `,"dry_run":true`} {
			addresses++
			got := p.verify(as, text, fmt.Sprintf(`,"address":"192.0.2.%d"%s`, addresses, more))
			delete(got, "limit")
			delete(got, "headers") // also of the limit
			delete(got, "problem")
			expect.Same(t, name, fmt.Sprint(got), fmt.Sprint(map[string]any{"valid": want["valid"], "code": want["code"]}))
		}
	}
	expect.Same(t, "uses that are logged", len(p.uses(k.ID)), 0)
	person := gatewaytest.User("usr_A", "a@example.com", "member", "verify:keys")
	expect.Same(t, "a person's own key in another project", p.verify(person, near, "")["code"], any("VALID"))
	got := p.verify(everything, full, "")
	expect.Same(t, "with the scope for all keys", fmt.Sprint(got["code"], " ", got["owner_id"], " ", got["limit"].(map[string]any)["remaining"]), "VALID usr_B 2")
}

// Wrong secrets are counted on the caller and the address that it names: they refuse nothing but more of
// them, and take nothing from what others may send from that address.
func TestWrongSecretsAreLimitedForTheCallerThatPassesThemOn(t *testing.T) {
	p := newPlace(t)
	k, full := p.d.Key(nil)
	wrong := func(as map[string]any, address string) any {
		return p.verify(as, apikey.New("gf_", k.ID), `,"address":"`+address+`"`)["code"]
	}
	for range 4 {
		expect.Same(t, "a wrong secret", wrong(server(), "198.51.100.9"), any("API_KEY_INVALID"))
	}
	expect.Same(t, "one too many", wrong(server(), "198.51.100.9"), any("RATE_LIMIT_EXCEEDED"))
	expect.Same(t, "from another address", wrong(server(), "198.51.100.10"), any("API_KEY_INVALID"))
	other := gatewaytest.Key("TTTTTTTTTTTTTTTT", "scoped", "usr_A", "prj_A", "verify:keys")
	expect.Same(t, "passed on by another server", wrong(other, "198.51.100.9"), any("API_KEY_INVALID"))
	expect.Same(t, "the right secret from that address", p.verify(server(), full, `,"address":"198.51.100.9"`)["code"], any("VALID"))
	uses := p.uses(k.ID)
	expect.Same(t, "the first use in the log", uses[0], "* * 198.51.100.9 proven:false refused:true")
	if _, err := p.d.Authn.CountGuess(t.Context(), authn.Request{Address: "198.51.100.9", Now: time.Now()}); err != nil {
		t.Errorf("at the edge a wrong secret from that address is refused because of them: %v", err)
	}
}

func TestEachKeyTakesOneCallToTheTable(t *testing.T) {
	p := newPlace(t)
	_, full := p.d.Key(nil)
	p.verify(server(), full, "") // the first of a process connects too
	for name, more := range map[string]string{"counted": `,"method":"POST","scopes":["read:stats"]`, "a dry run": `,"dry_run":true`, "with all members": `,"method":"GET","path":"/api/stats","address":"192.0.2.1"`} {
		p.wire.Calls()
		p.verify(server(), full, more)
		expect.Same(t, name+": calls", len(p.wire.Calls()), 1)
	}
}

func TestKeyThatCannotBeCheckedNowIsNotValid(t *testing.T) {
	p := newPlace(t)
	_, full := p.d.Key(nil)
	p.wire.Fail(storetest.Repeat(100, storetest.Refuse(500, "InternalServerError"))...)
	one := p.send(server(), fmt.Sprintf(`{"key":%q}`, full))
	expect.Same(t, "one key", one.Status, 503)
	several := p.send(server(), fmt.Sprintf(`{"keys":[{"key":%q},{"key":"x"}]}`, full))
	expect.Same(t, "several", several.Status, 200)
	results := several.JSON(t)["results"].([]any)
	for i, code := range []string{"SERVICE_UNAVAILABLE", "API_KEY_INVALID"} {
		expect.Same(t, "an answer", fmt.Sprint(results[i].(map[string]any)["valid"], " ", results[i].(map[string]any)["code"]), "false "+code)
	}
	expect.Same(t, "when to ask again", fmt.Sprint(results[0].(map[string]any)["headers"]), "map[Retry-After:1]")
}

func TestBodyThatAsksNothingIsRefused(t *testing.T) {
	p := newPlace(t)
	for body, field := range map[string]string{
		`{}`: "key", `{"key":""}`: "key", `{"key":7}`: "key", `{"keys":[]}`: "keys", `{"key":"x","keys":[{"key":"x"}]}`: "keys",
		`{"keys":[{"key":"x"}],"method":"GET"}`: "keys", `{"keys":[{"key":"x"},{}]}`: "keys.1.key", `{"keys":["x"]}`: "keys",
		`{"key":"x","method":"get"}`: "method", `{"key":"x","path":"/x"}`: "path", `{"key":"x","method":"GET","path":"x"}`: "path",
		`{"key":"x","address":"here"}`: "address", `{"key":"x","api":"a b"}`: "api", `{"key":"x","scopes":[]}`: "scopes",
		`{"key":"x","scopes":["read:nothing"]}`: "scopes", `{"key":"x","cost":0}`: "cost", `{"key":"x","cost":1000001}`: "cost", `{"keys":[{"key":"x"}],"cost":2}`: "keys", `{"Key":"x"}`: "Key",
		`{"keys":[` + strings.Repeat(`{"key":"x"},`, 100) + `{"key":"x"}]}`: "keys",
	} {
		a := p.send(server(), body)
		fields, _ := a.JSON(t)["fields"].([]any)
		if a.Status != 422 || len(fields) != 1 {
			t.Errorf("%.80s: status %d, want 422 with one field: %s", body, a.Status, a.Body)
			continue
		}
		expect.Same(t, fmt.Sprintf("%.80s: the field", body), fields[0].(map[string]any)["field"], any(field))
	}
}
