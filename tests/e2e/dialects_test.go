//go:build e2e

package e2e

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

// The requests that the pages of the five dialects print (docs/dialects.md), as they print them:
// a shell runs each of them with the host and the placeholders replaced. Then the rows of their
// tables, one case each. (The token pairs dialect prints curl …/api/campaigns, which is a route
// of somebody else's API: campaigns_test.go.)

// printed runs a command that a page prints, and returns the status and the body.
func printed(t *testing.T, command string, replace ...string) answer {
	t.Helper()
	command = strings.NewReplacer(replace...).Replace(command)
	shell := exec.CommandContext(t.Context(), "bash", "-c", strings.Replace(command, "curl ", `curl -sS -w '\n%{http_code}' `, 1))
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	body, status, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if status == "" {
		body, status = "", body
	}
	a := answer{asked: "the printed command", body: []byte(body)}
	if err := json.Unmarshal([]byte(status), &a.status); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return a
}

func TestScopesDialectGeneratesAKey(t *testing.T) {
	a := printed(t, `curl -X POST https://devcore.getghostflow.io/api/v1/auth/api-keys \
-H "Authorization: Bearer YOUR_JWT_TOKEN" \
-H "Content-Type: application/json" \
-d '{
"name": "Production Key",
"permissions": ["read:campaigns", "write:campaigns", "read:stats"]
}'`, "https://devcore.getghostflow.io", apiURL, "YOUR_JWT_TOKEN", owner(t).token).is(t, 201)
	k := decode[key](t, a)
	keepSecret(k.Key)
	expect.Same(t, "the key starts with gf_", strings.HasPrefix(k.Key, "gf_"), true)
	if !slices.Equal(k.Permissions, []string{"read:campaigns", "read:stats", "write:campaigns"}) {
		t.Errorf("k.Permissions: %v, want %v", k.Permissions, []string{"read:campaigns", "read:stats", "write:campaigns"})
	}
	send(t, request{method: "GET", path: me, header: map[string]string{"Authorization": "Bearer " + k.Key}}).is(t, 200)
}

func TestScopesDialectScopesAndLegacyPermissions(t *testing.T) {
	reads, all := scopesOf(t, "read"), scopesOf(t, "read", "write")
	rows := map[string][]string{"read": reads, "write": all, "admin": adminScopes(t)}
	for _, s := range []string{"read:campaigns", "write:campaigns", "read:domains", "write:domains", "read:offers", "write:offers",
		"read:sources", "write:sources", "read:networks", "write:networks", "read:stats", "read:billing", "read:events", "write:events"} {
		rows[s] = []string{s}
		if !slices.Contains(all, s) {
			t.Errorf("the deployment has no scope %s", s)
		}
	}
	for asked, want := range rows {
		t.Run(asked, func(t *testing.T) {
			k := newKey(t, admin(t).token, object{"permissions": []string{asked}})
			if !slices.Equal(k.Scopes, want) {
				t.Errorf("%v, want %v", k.Scopes, want)
			}
		})
	}
}

func TestScopesDialectManagesKeys(t *testing.T) {
	const path = "/api/v1/auth/api-keys"
	p := owner(t)
	k := newKey(t, p.token, nil)
	for _, row := range []struct {
		action, method, path string
		status               int
	}{
		{"List keys", "GET", path, 200},
		{"Create key", "POST", path, 201},
		{"Regenerate key", "POST", path + "/" + k.ID + "/regenerate", 200},
		{"Revoke key", "PUT", path + "/" + k.ID + "/revoke", 200},
		{"Audit log", "GET", path + "/" + k.ID + "/audit-log", 200},
		{"Delete key", "DELETE", path + "/" + k.ID, 204},
	} {
		t.Run(row.action, func(t *testing.T) {
			r := request{method: row.method, path: row.path, as: p.token}
			if row.action == "Create key" {
				r.body = object{"name": "k", "permissions": []string{"read:stats"}}
			}
			send(t, r).is(t, row.status)
		})
	}
}

func TestRunsDialectLogsInRegistersAndNamesTheCaller(t *testing.T) {
	a := admin(t)
	in := logIn(t, a.Email, a.password)
	claims := payload(t, in.Token)
	expect.Same[any](t, "the claim id", claims["id"], a.ID)
	expect.Same[any](t, "the claim email", claims["email"], a.Email)
	expect.Same[any](t, "the claim role", claims["role"], "admin")
	if seconds := claims["exp"].(float64) - claims["iat"].(float64); seconds != float64(sessionLifetime) {
		t.Errorf("valid for %v s, want %d", seconds, sessionLifetime)
	}
	k := newKey(t, a.token, object{"scopes": []string{"admin"}})
	for name, header := range map[string]map[string]string{
		"JWT": {"Authorization": "Bearer " + in.Token}, "API Key": {"X-Api-Key": k.Key},
	} {
		t.Run(name, func(t *testing.T) {
			send(t, request{method: "GET", path: me, header: header}).is(t, 200)
			body := object{"email": freshEmail(), "password": "a long password", "role": "captain"}
			made := decode[struct{ User user }](t, send(t, request{method: "POST", path: "/v1/auth/register", header: header, body: body}).is(t, 201))
			if made.User.Role != "member" {
				t.Errorf("the role is %s", made.User.Role)
			}
			send(t, request{method: "POST", path: "/v1/auth/register", header: header, body: body}).refused(t, 409, "DUPLICATE_RESOURCE")
		})
	}
}

func TestRunsDialectManagesKeys(t *testing.T) {
	p := member(t)
	made := decode[key](t, send(t, request{method: "POST", path: "/v1/api-keys", as: p.token, body: object{"label": "ci-pipeline"}}).is(t, 201))
	list := decode[[]key](t, send(t, request{method: "GET", path: "/v1/api-keys", as: p.token}).is(t, 200))
	if len(list) != 1 {
		t.Fatalf("the list has %d keys, want 1", len(list))
	}
	expect.Same(t, "the label", list[0].Label, "ci-pipeline")
	expect.Same(t, "the masked key", list[0].Key, made.Key[:8]+"••••••••")
	send(t, request{method: "GET", path: me, header: map[string]string{"X-Api-Key": made.Key}}).is(t, 200)
	send(t, request{method: "DELETE", path: "/v1/api-keys/" + made.ID, as: p.token}).is(t, 200)
	send(t, request{method: "GET", path: me, header: map[string]string{"X-Api-Key": made.Key}}).refused(t, 401, "API_KEY_INVALID")
}

func TestRunsDialectStreamTakesTheTokenInTheQuery(t *testing.T) {
	p := owner(t)
	run := decode[struct{ ID string }](t, send(t, request{method: "POST", path: "/v1/runs", as: p.token}).is(t, 201))
	send(t, request{method: "GET", path: "/v1/runs/" + run.ID + "/events/stream?token=" + p.token}).is(t, 200)
}

func TestKeyTypesDialectHasAKeyOfEachType(t *testing.T) {
	p := owner(t)
	for kind, row := range map[string]struct {
		prefix  string
		creates bool
	}{"secret": {"sk_", true}, "client": {"ck_", false}, "read_only": {"ro_", false}} {
		t.Run(kind, func(t *testing.T) {
			k := newKey(t, p.token, object{"type": kind})
			if !strings.HasPrefix(k.Key, row.prefix) {
				t.Errorf("it begins with %s", k.Key[:3])
			}
			a := send(t, request{method: "POST", path: "/v1/api-keys", as: k.Key, body: object{"name": "another", "type": "client"}})
			if row.creates {
				a.is(t, 201)
			} else {
				a.refused(t, 403, "INSUFFICIENT_SCOPE")
			}
		})
	}
}

func TestKeyTypesDialectExpiryAndRateLimit(t *testing.T) {
	p := owner(t)
	limited := newKey(t, p.token, object{"rate_limit": object{"read": 1}}).Key
	expiring := newKey(t, p.token, object{"expires_at": soon()}).Key
	codes := map[string]bool{}
	for deadline := time.Now().Add(20 * time.Second); len(codes) < 2 && time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		for _, key := range []string{limited, expiring} {
			a := sendOnce(t, request{method: "GET", path: me, as: key})
			if a.status == 429 && a.header.Get("Retry-After") == "" {
				t.Error("429 without Retry-After")
			}
			if a.status != 200 {
				codes[a.problem(t).Code] = true
			}
		}
	}
	expect.Same(t, "refused for RATE_LIMIT_EXCEEDED", codes["RATE_LIMIT_EXCEEDED"], true)
	expect.Same(t, "refused for API_KEY_EXPIRED", codes["API_KEY_EXPIRED"], true)
}
