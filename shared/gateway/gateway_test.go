package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

var someone = gatewaytest.User("usr_A", "a@example.com", "member", "read:stats")

func call(authorizer map[string]any) gatewaytest.Call {
	return gatewaytest.Call{Method: "GET", Resource: "/x", Authorizer: authorizer}
}

func TestEveryRefusalIsAnsweredBeforeTheHandlerRuns(t *testing.T) {
	ran := false
	f := gateway.Protected(func(context.Context, *gateway.Request, gateway.Principal) (gateway.Response, error) {
		ran = true
		return gateway.NoContent(), nil
	})
	status := map[string]int{
		"MULTIPLE_CREDENTIALS": 400, "MISSING_CREDENTIALS": 401, "TOKEN_EXPIRED": 401, "TOKEN_INVALID": 401, "API_KEY_INVALID": 401,
		"API_KEY_EXPIRED": 401, "API_KEY_REVOKED": 401, "API_KEY_DISABLED": 401, "FORBIDDEN": 403, "RATE_LIMIT_EXCEEDED": 429, "QUOTA_EXCEEDED": 429, "SERVICE_UNAVAILABLE": 503,
	}
	if len(status) != len(problem.Refusals) {
		t.Errorf("%d refusals, %d tested", len(problem.Refusals), len(status))
	}
	for code, want := range status {
		both := gatewaytest.User("usr_A", "a@example.com", "admin", "admin") // even with a principal beside it
		both[gateway.CtxRefusal] = code
		both[gateway.CtxRetryAfter], both[gateway.CtxQuotaRetryAfter] = "17", "17"
		for _, authorizer := range []map[string]any{gatewaytest.Refused(code), both} {
			a := gatewaytest.Do(t, f, call(authorizer))
			expect.Same(t, code+": the status", a.Status, want)
			expect.Same(t, code+": the code", a.Code(t), code)
			expect.Same(t, code+": Content-Type", a.Header["Content-Type"], "application/problem+json")
			expect.Same(t, code+": the request id", a.JSON(t)["request_id"], "test-request")
			if challenge := a.Header["WWW-Authenticate"]; (want == 401) != strings.HasPrefix(challenge, "Bearer ") {
				t.Errorf("%s: WWW-Authenticate is %q", code, challenge)
			}
			credits := code == "QUOTA_EXCEEDED" && authorizer[gateway.CtxQuotaRetryAfter] == nil // no time brings more
			if after := a.Header["Retry-After"]; ((want == 429 || want == 503) && !credits) != (after != "") {
				t.Errorf("%s: Retry-After is %q", code, after)
			}
		}
		if a := gatewaytest.Do(t, f, call(both)); want == 429 && a.Header["Retry-After"] != "17" {
			t.Errorf("Retry-After is %q", a.Header["Retry-After"])
		}
	}
	if ran {
		t.Error("the handler ran")
	}
}

func TestForbiddenSaysWhy(t *testing.T) {
	f := gateway.Protected(func(context.Context, *gateway.Request, gateway.Principal) (gateway.Response, error) {
		return gateway.NoContent(), nil
	})
	for reason, want := range map[string]string{
		"address": "The API key may not be used from this address",
		"method":  "A header names another method than that of the request",
		"path":    "The path can be read in more than one way",
		"":        problem.Forbidden.Detail, // an authorizer of an earlier release
		"unknown": problem.Forbidden.Detail, // of a later one
	} {
		refused := gatewaytest.Refused("FORBIDDEN")
		refused[gateway.CtxReason] = reason
		a := gatewaytest.Do(t, f, call(refused))
		expect.Same(t, reason+": the status", a.Status, 403)
		expect.Same[any](t, reason+": the detail", a.JSON(t)["detail"], want)
	}
}

func TestGarbledContextIsRefused(t *testing.T) {
	f := gateway.Protected(func(context.Context, *gateway.Request, gateway.Principal) (gateway.Response, error) {
		t.Error("the handler ran")
		return gateway.NoContent(), nil
	})
	without := func(name string) map[string]any {
		c := gatewaytest.User("usr_A", "a@example.com", "admin", "admin")
		delete(c, name)
		return c
	}
	with := func(name string, value any) map[string]any {
		c := without(name)
		c[name] = value
		return c
	}
	for name, c := range map[string]map[string]any{
		"absent": nil, "empty": {}, "no type": without(gateway.CtxType), "no principal": without(gateway.CtxPrincipal), "no user": without(gateway.CtxUser),
		"unknown type": with(gateway.CtxType, "root"), "type not text": with(gateway.CtxType, true), "principal is null": with(gateway.CtxPrincipal, nil),
		"principal is a list": with(gateway.CtxPrincipal, []any{"usr_A"}), "empty user": with(gateway.CtxUser, ""),
	} {
		if a := gatewaytest.Do(t, f, call(c)); a.Status != 401 {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if a := gatewaytest.Do(t, f, call(with(gateway.CtxRefusal, "INVENTED"))); a.Status != 503 {
		t.Errorf("an unknown refusal: %+v", a)
	}
}

func TestInternalErrorShowsTheRequestIDOnly(t *testing.T) {
	for name, h := range map[string]gateway.Handler{
		"panic": func(context.Context, *gateway.Request, gateway.Principal) (gateway.Response, error) {
			panic("inner workings")
		},
		"error": func(context.Context, *gateway.Request, gateway.Principal) (gateway.Response, error) {
			return gateway.Response{}, errors.New("inner workings")
		},
		"answer": func(context.Context, *gateway.Request, gateway.Principal) (gateway.Response, error) {
			return gateway.JSON(200, make(chan int)), nil
		},
	} {
		a := gatewaytest.Do(t, gateway.Protected(h), call(someone))
		expect.Same(t, name+": the status", a.Status, 503)
		if a.Header["Retry-After"] == "" {
			t.Errorf("%s: Retry-After is missing", name)
		}
		expect.Same(t, name+": the request id", a.JSON(t)["request_id"], "test-request")
		expect.Same(t, name+": the detail", a.JSON(t)["detail"], nil)
		if strings.Contains(a.Body, "workings") {
			t.Errorf("%s: the body shows the error: %s", name, a.Body)
		}
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(before)
	f := gateway.Protected(func(_ context.Context, r *gateway.Request, _ gateway.Principal) (gateway.Response, error) {
		var body struct{}
		return gateway.Response{}, r.JSON(&body)
	})
	c := call(someone)
	c.Header = map[string]string{"Authorization": "Bearer hush", "X-Api-Key": "hush", "Cookie": "hush"}
	c.Query, c.Path = map[string]string{"token": "hush"}, map[string]string{"id": "hush"}
	for _, body := range []string{`{"password":"hush"}`, `{"hush":1}`, `hush`, `"hush"`} {
		c.Body = body
		gatewaytest.Do(t, f, c)
		c.Authorizer = gatewaytest.Refused("API_KEY_INVALID")
	}
	if strings.Contains(out.String(), "hush") {
		t.Errorf("a secret is logged: %s", out.String())
	}
	if lines := strings.Count(out.String(), "\n"); lines != 4 {
		t.Errorf("%d lines, want 4: %s", lines, out.String())
	}
}

func TestLineOfARefusalOrAChangeSaysFromWhereAndWhat(t *testing.T) {
	const id = "key_AAAAAAAAAAAAAAAAAAAAAAAAAA"
	f := gateway.Protected(func(_ context.Context, r *gateway.Request, _ gateway.Principal) (gateway.Response, error) {
		if r.Method() == "POST" {
			r.Concerns("key_BBBBBBBBBBBBBBBBBBBBBBBBBB")
		}
		return gateway.Response{Status: 204}, nil
	})
	for _, row := range []struct {
		name, method string
		authorizer   map[string]any
		address, of  any
	}{
		{"a read", "GET", someone, nil, nil},
		{"a change", "DELETE", someone, "192.0.2.7", id},
		{"something made", "POST", someone, "192.0.2.7", "key_BBBBBBBBBBBBBBBBBBBBBBBBBB"},
		{"a refused read", "GET", gatewaytest.Refused("API_KEY_INVALID"), "192.0.2.7", id},
	} {
		line := logged(t, func() {
			gatewaytest.Do(t, f, gatewaytest.Call{Method: row.method, Resource: "/v1/x/{id}", Path: map[string]string{"id": id}, Authorizer: row.authorizer})
		})
		expect.Same(t, row.name+": address", line["address"], row.address)
		expect.Same(t, row.name+": target", line["target"], row.of)
	}
}

// logged returns the one line that is written meanwhile.
func logged(t *testing.T, do func()) (line map[string]any) {
	t.Helper()
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	defer slog.SetDefault(before)
	do()
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	return line
}

func TestPublicRouteIsLimitedByAddress(t *testing.T) {
	s, wire := storetest.Wired(t)
	f := gateway.Public(s, &ratelimit.Limit{Category: ratelimit.Auth, Max: 2, Window: 24 * time.Hour},
		func(context.Context, *gateway.Request) (gateway.Response, error) { return gateway.NoContent(), nil })
	for i, want := range []int{204, 204, 429} {
		a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/x"})
		of := fmt.Sprintf("request %d: ", i+1)
		expect.Same(t, of+"the status", a.Status, want)
		expect.Same(t, of+"X-RateLimit-Limit", a.Header["X-RateLimit-Limit"], "2")
		expect.Same(t, of+"the presence of Retry-After", a.Header["Retry-After"] != "", want == 429)
	}
	wire.Fail(storetest.Repeat(100, storetest.Timeout)...)
	a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/x"})
	expect.Same(t, "uncounted: the status", a.Status, 503)
	if a.Header["Retry-After"] == "" {
		t.Error("uncounted: Retry-After is missing")
	}
	wire.Fail()
}

func TestKeySeesItsProjectAndAUserWhatIsTheirs(t *testing.T) {
	reaches := func(authorizer map[string]any, owner, project string) (yes bool) {
		gatewaytest.Do(t, gateway.Protected(func(_ context.Context, _ *gateway.Request, p gateway.Principal) (gateway.Response, error) {
			yes = p.Reaches(owner, project)
			return gateway.NoContent(), nil
		}), call(authorizer))
		return yes
	}
	key := gatewaytest.Key("k", "secret", "usr_A", "prj_A", "")
	expect.Same(t, "a key's reach of its project", reaches(key, "usr_A", "prj_A"), true)
	expect.Same(t, "a key's reach of its owner's other project", reaches(key, "usr_A", "prj_B"), false)
	expect.Same(t, "a key's reach of what another owns in its project", reaches(key, "usr_B", "prj_A"), true)
	expect.Same(t, "a user's reach of a project of theirs", reaches(someone, "usr_A", "prj_B"), true)
	expect.Same(t, "a user's reach of another owner", reaches(someone, "usr_B", "prj_A"), false)
}

func TestOnlyAnAdministratorWhoIsLoggedInOverseesOthers(t *testing.T) {
	oversees := func(authorizer map[string]any) (yes bool) {
		gatewaytest.Do(t, gateway.Protected(func(_ context.Context, _ *gateway.Request, p gateway.Principal) (gateway.Response, error) {
			yes = p.Oversees("usr_B", "prj_B")
			return gateway.NoContent(), nil
		}), call(authorizer))
		return yes
	}
	key := gatewaytest.Key("k", "scoped", "usr_A", "prj_A", "admin")
	key[gateway.CtxRole] = "admin" // as the authorizer has it for the scope admin
	token := gateway.Caller{Type: gateway.Client, KeyID: "k", UserID: "usr_A", Role: "admin", Project: "prj_A", Scopes: []string{"admin"}}.Context()
	expect.Same(t, "an administrator's session", oversees(gatewaytest.User("usr_A", "a@example.com", "admin", "admin")), true)
	expect.Same(t, "a member's session", oversees(gatewaytest.User("usr_A", "a@example.com", "member", "")), false)
	expect.Same(t, "a key with the scope admin", oversees(key), false)
	expect.Same(t, "a token made from such a key", oversees(token), false)
}
