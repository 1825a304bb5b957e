//go:build e2e

package e2e

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

const auditKeys = "/api/v1/auth/api-keys/"

// auditPages reads a key's whole log, two entries at a time.
func auditPages(c runsCaller, id string) []map[string]any {
	c.t.Helper()
	var entries []map[string]any
	query := url.Values{"limit": {"2"}}
	for {
		got := c.want(200, "GET", auditKeys+id+"/audit-log?"+query.Encode(), "")
		for _, e := range got.body["entries"].([]any) {
			entries = append(entries, e.(map[string]any))
		}
		next, more := got.body["next_cursor"].(string)
		if !more {
			return entries
		}
		query.Set("cursor", next)
	}
}

// auditUses adds up the uses of a key on a route, and counts their entries.
func auditUses(c runsCaller, id, route string) (count, refusals float64, entries int) {
	c.t.Helper()
	for _, e := range auditPages(c, id) {
		if e["action"] == "used" && e["route"] == route {
			n, _ := e["count"].(float64)
			r, _ := e["refusals"].(float64)
			count, refusals, entries = count+n, refusals+r, entries+1
		}
	}
	return count, refusals, entries
}

func TestEveryChangeOfAKeyIsInItsLogAlsoAfterItIsDeleted(t *testing.T) {
	member := runsMember(t)
	_, id := member.key("")
	member.want(200, "POST", auditKeys+id+"/regenerate", "")
	member.want(200, "PUT", auditKeys+id+"/revoke", "")
	member.want(200, "PUT", auditKeys+id+"/revoke", "")
	member.want(204, "DELETE", auditKeys+id, "")
	var actions []string
	for _, e := range auditPages(member, id) {
		actions = append(actions, e["action"].(string))
		actor, _ := e["actor"].(map[string]any)
		if e["id"] == "" || e["at"] == "" || e["address"] == "" || e["request_id"] == "" || actor["type"] != "user" {
			t.Errorf("the entry lacks something: %v", e)
		}
	}
	if got := strings.Join(actions, " "); got != "deleted revoked regenerated created" {
		t.Errorf("the log says %s", got)
	}
	for name, other := range map[string]runsCaller{"another tenant": runsMember(t), "an administrator": runsAdmin(t)} {
		if got := other.do("GET", auditKeys+id+"/audit-log", ""); got.status != 404 {
			t.Errorf("%s: %d, want 404", name, got.status)
		}
	}
	if got := member.do("GET", auditKeys+"0000000000000000/audit-log", ""); got.status != 404 {
		t.Errorf("a key that never was: %d, want 404", got.status)
	}
}

func TestUseOfAKeyIsInItsLogWithCountAddressRouteAndRefusals(t *testing.T) {
	member := runsMember(t)
	key, id := member.key(`,"scopes":["read:stats"]`)
	key.want(200, "GET", "/v1/auth/me", "")
	if count, _, _ := auditUses(member, id, "GET /v1/auth/me"); count != 1 {
		t.Fatalf("after the first use the log says %v", count)
	}
	key.want(403, "POST", "/v1/runs", "")
	if count, refusals, _ := auditUses(member, id, "POST /v1/runs"); count != 1 || refusals != 1 {
		t.Fatalf("after the first refusal the log says %v, %v refused", count, refusals)
	}
	for range 9 {
		key.want(200, "GET", "/v1/auth/me", "")
	}
	// Later counts trail, until any key's request comes 20 seconds later. They never
	// exceed the truth.
	truth := 10.0
	for end := time.Now().Add(time.Minute); ; {
		count, refusals, entries := auditUses(member, id, "GET /v1/auth/me")
		if count > truth || refusals != 0 || entries < 1 || entries > 2 { // two, if the hour ends meanwhile
			t.Fatalf("the log says %v in %d entries, %v refused; the truth is %v", count, entries, refusals, truth)
		}
		if count >= 10 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("after a minute the log says %v", count)
		}
		time.Sleep(5 * time.Second)
		key.want(200, "GET", "/v1/auth/me", "")
		truth++
	}
	for _, e := range auditPages(member, id) {
		if e["action"] == "used" && (e["address"] == "" || e["user_agent"] == "") {
			t.Errorf("the entry lacks something: %v", e)
		}
	}
}

func TestLogIsForSessionsAndKeysWithAdminOnly(t *testing.T) {
	admin := runsAdmin(t)
	_, id := admin.key("")
	reader, _ := admin.key(`,"scopes":["read"]`)
	secret, _ := admin.key(`,"type":"secret"`)
	chief, _ := admin.key(`,"scopes":["admin"]`)
	for name, row := range map[string]struct {
		caller runsCaller
		want   int
	}{
		"a session": {admin, 200}, "a key with admin": {chief, 200},
		"a key without": {reader, 403}, "a secret key": {secret, 403}, "nobody": {runsCaller{t, ""}, 401},
	} {
		if got := row.caller.do("GET", auditKeys+id+"/audit-log", ""); got.status != row.want {
			t.Errorf("%s: %d %s, want %d", name, got.status, got.text, row.want)
		}
	}
}
