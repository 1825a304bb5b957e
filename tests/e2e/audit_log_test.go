//go:build e2e

package e2e

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
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
	for name, as := range map[string]string{"another tenant": other(t).token, "an administrator's key": newKey(t, admin(t).token, object{"scopes": []string{"admin"}}).Key} {
		if got := get(t, as, auditKeys+id+"/audit-log"); got.status != 404 {
			t.Errorf("%s: %d, want 404", name, got.status)
		}
	}
	get(t, admin(t).token, auditKeys+id+"/audit-log").is(t, 200)
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

// What a client sees is enough to check it: here with another implementation of RFC 8785.
func TestChangesOfAKeyAreAChainThatAClientCanCheck(t *testing.T) {
	p := member(t)
	id := newKey(t, p.token, nil).ID
	regenerated(t, p.token, id, nil)
	revoke(t, p.token, id)
	send(t, request{method: "DELETE", path: auditKeys + id, as: p.token}).is(t, 204)
	page := decode[struct {
		Entries []map[string]any `json:"entries"`
		Head    struct {
			Seq  int    `json:"seq"`
			Hash string `json:"hash"`
		} `json:"head"`
	}](t, get(t, p.token, auditKeys+id+"/audit-log").is(t, 200))
	place, next := page.Head.Seq, any(page.Head.Hash)
	slices.SortFunc(page.Entries, func(a, b map[string]any) int { return cmp.Compare(seq(b), seq(a)) })
	for _, e := range page.Entries {
		link, _ := e["chain"].(map[string]any)
		if int(seq(e)) != place {
			t.Fatalf("entry %v is at place %v, want %d", e["action"], link["seq"], place)
		}
		hash := link["hash"]
		if hash != next {
			t.Errorf("entry %d has the hash %v, want %v as what follows it says", place, hash, next)
		}
		delete(link, "hash")
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		canonical, err := jcs.Transform(text)
		if err != nil {
			t.Fatal(err)
		}
		if computed := fmt.Sprintf("%x", sha256.Sum256(canonical)); computed != hash {
			t.Errorf("entry %d has the hash %v, want %s", place, hash, computed)
		}
		place, next = place-1, link["previous"]
	}
	if place != 0 || next != nil {
		t.Errorf("before the first entry there is place %d, and hash %v", place, next)
	}
}

func seq(e map[string]any) float64 {
	link, _ := e["chain"].(map[string]any)
	n, _ := link["seq"].(float64)
	return n
}
