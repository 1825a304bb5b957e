//go:build e2e

package e2e

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

// An operator finds out who was refused or changed something, from where and on what.
func TestLogSaysWhoFromWhereAndOnWhat(t *testing.T) {
	needs(t, theLog)
	p := member(t)
	k := newKey(t, p.token, object{})
	for _, row := range []struct {
		name, target, principal string
		request                 request
		status                  int
	}{
		{"a wrong password", p.ID, "", request{method: "POST", path: "/v1/auth/login", body: object{"email": p.Email, "password": "not " + p.password}}, 401},
		{"a wrong key", "", "", request{method: "GET", path: "/v1/auth/me", as: k.Key[:len(k.Key)-1] + "~"}, 401},
		{"a stranger", k.ID, "user:" + other(t).ID, request{method: "DELETE", path: "/v1/api-keys/" + k.ID, as: other(t).token}, 404},
		{"a revocation", k.ID, "user:" + p.ID, request{method: "PUT", path: "/api/v1/auth/api-keys/" + k.ID + "/revoke", as: p.token}, 200},
		{"a key for an id", "", "user:" + p.ID, request{method: "DELETE", path: "/v1/api-keys/" + k.Key, as: p.token}, 404},
	} {
		agent := "agent-" + rand.Text()
		row.request.header = map[string]string{"User-Agent": agent}
		send(t, row.request).is(t, row.status)
		line := requestLine(t, agent)
		expect.Same(t, row.name+": status", line.Status, row.status)
		expect.Same(t, row.name+": principal", line.Principal, row.principal)
		expect.Same(t, row.name+": target", line.Target, row.target)
		expect.Same(t, row.name+": address", line.Address, "127.0.0.1")
	}
}

type loggedRequest struct {
	Message   string `json:"msg"`
	Status    int
	Principal string
	Target    string
	Address   string
	Agent     string `json:"user_agent"`
}

// requestLine returns the line of the request that had that User-Agent. The authorizer's line about it is printed before.
func requestLine(t *testing.T, agent string) (found loggedRequest) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		for line := range strings.Lines(logWith(t, agent)) {
			_, text, _ := strings.Cut(line, " ")
			var l loggedRequest
			if json.Unmarshal([]byte(text), &l) == nil && l.Message == "request" && l.Agent == agent {
				return l
			}
		}
	}
	t.Fatalf("no function logged a request of %s", agent)
	return found
}
