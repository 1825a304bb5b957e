//go:build e2e

package e2e

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

const auditKeys = "/api/v1/auth/api-keys/"

// An entry of a key's log.
type entry struct {
	ID        string `json:"id"`
	At        string `json:"at"`
	Action    string `json:"action"`
	Address   string `json:"address"`
	UserAgent string `json:"user_agent"`
	RequestID string `json:"request_id"`
	Route     string `json:"route"`
	Count     int    `json:"count"`
	Refusals  int    `json:"refusals"`
	Actor     struct {
		Type string `json:"type"`
	} `json:"actor"`
}

// auditLog reads a key's whole log, two entries at a time.
func auditLog(t testing.TB, as, id string) []entry {
	t.Helper()
	var entries []entry
	query := url.Values{"limit": {"2"}}
	for {
		page := decode[struct {
			Entries    []entry `json:"entries"`
			NextCursor *string `json:"next_cursor"`
		}](t, get(t, as, auditKeys+id+"/audit-log?"+query.Encode()).is(t, 200))
		entries = append(entries, page.Entries...)
		if page.NextCursor == nil {
			return entries
		}
		query.Set("cursor", *page.NextCursor)
	}
}

// auditUses adds up the uses of a key on a route, and counts their entries.
func auditUses(t testing.TB, as, id, route string) (count, refusals, entries int) {
	t.Helper()
	for _, e := range auditLog(t, as, id) {
		if e.Action == "used" && e.Route == route {
			count, refusals, entries = count+e.Count, refusals+e.Refusals, entries+1
		}
	}
	return count, refusals, entries
}

func TestEveryChangeOfAKeyIsInItsLogAlsoAfterItIsDeleted(t *testing.T) {
	p := member(t)
	id := newKey(t, p.token, nil).ID
	regenerated(t, p.token, id, nil)
	revoke(t, p.token, id)
	revoke(t, p.token, id)
	send(t, request{method: "DELETE", path: auditKeys + id, as: p.token}).is(t, 204)
	var actions []string
	for _, e := range auditLog(t, p.token, id) {
		actions = append(actions, e.Action)
		for name, value := range map[string]string{"id": e.ID, "at": e.At, "address": e.Address, "request_id": e.RequestID} {
			if value == "" {
				t.Errorf("the entry %s has no %s", e.Action, name)
			}
		}
		if e.Actor.Type != "user" {
			t.Errorf("the entry %s has an actor of type %q", e.Action, e.Actor.Type)
		}
	}
	if got := strings.Join(actions, " "); got != "deleted revoked regenerated created" {
		t.Errorf("the log has %s", got)
	}
	for name, as := range map[string]string{"another tenant": other(t).token, "an administrator": admin(t).token} {
		if got := get(t, as, auditKeys+id+"/audit-log"); got.status != 404 {
			t.Errorf("%s: %d, want 404", name, got.status)
		}
	}
	if got := get(t, p.token, auditKeys+"0000000000000000/audit-log"); got.status != 404 {
		t.Errorf("a key that never was: %d, want 404", got.status)
	}
}

func TestUseOfAKeyIsInItsLogWithCountAddressRouteAndRefusals(t *testing.T) {
	p := member(t)
	k := newKey(t, p.token, object{"scopes": []string{"read:stats"}})
	get(t, k.Key, me).is(t, 200)
	if count, _, _ := auditUses(t, p.token, k.ID, "GET "+me); count != 1 {
		t.Fatalf("after the first use the log has %d", count)
	}
	post(t, k.Key, "/v1/runs", nil).is(t, 403)
	if count, refusals, _ := auditUses(t, p.token, k.ID, "POST /v1/runs"); count != 1 || refusals != 1 {
		t.Fatalf("after the first refusal the log has %d, %d refused", count, refusals)
	}
	for range 9 {
		get(t, k.Key, me).is(t, 200)
	}
	// Later counts trail, until any key's request comes 20 seconds later. They never
	// exceed the truth.
	truth := 10
	for end := time.Now().Add(time.Minute); ; {
		count, refusals, entries := auditUses(t, p.token, k.ID, "GET "+me)
		if count > truth || refusals != 0 || entries < 1 || entries > 2 { // two, if the hour ends meanwhile
			t.Fatalf("the log has %d in %d entries, %d refused; the truth is %d", count, entries, refusals, truth)
		}
		if count >= 10 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("after a minute the log has %d", count)
		}
		time.Sleep(5 * time.Second)
		get(t, k.Key, me).is(t, 200)
		truth++
	}
	for _, e := range auditLog(t, p.token, k.ID) {
		if e.Action == "used" && (e.Address == "" || e.UserAgent == "") {
			t.Errorf("the entry lacks something: %+v", e)
		}
	}
}

func TestLogIsForSessionsAndKeysWithAdminOnly(t *testing.T) {
	p := admin(t)
	id := newKey(t, p.token, nil).ID
	for name, row := range map[string]struct {
		as   string
		want int
	}{
		"a session":        {p.token, 200},
		"a key with admin": {newKey(t, p.token, object{"scopes": []string{"admin"}}).Key, 200},
		"a key without":    {newKey(t, p.token, object{"scopes": []string{"read"}}).Key, 403},
		"a secret key":     {newKey(t, p.token, object{"type": "secret"}).Key, 403},
		"nobody":           {"", 401},
	} {
		if got := get(t, row.as, auditKeys+id+"/audit-log"); got.status != row.want {
			t.Errorf("%s: %d %s, want %d", name, got.status, got.body, row.want)
		}
	}
}
