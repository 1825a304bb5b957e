//go:build e2e

package e2e

import (
	"net/url"
	"strings"
	"testing"
)

const auditKeys = "/api/v1/auth/api-keys/"

// An entry of a key's log.
type entry struct {
	ID        string            `json:"id"`
	At        string            `json:"at"`
	Action    string            `json:"action"`
	Address   string            `json:"address"`
	UserAgent string            `json:"user_agent"`
	RequestID string            `json:"request_id"`
	API       string            `json:"api"`
	Route     string            `json:"route"`
	Count     int               `json:"count"`
	Refusals  int               `json:"refusals"`
	Detail    map[string]string `json:"detail"`
	Actor     struct {
		Type string `json:"type"`
		ID   string `json:"id"`
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
