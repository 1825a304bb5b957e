//go:build e2e

package e2e

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

const mask = "••••••••"

type listing struct {
	Keys       []key   `json:"api_keys"`
	NextCursor *string `json:"next_cursor"`
}

func keysOf(t testing.TB, as, query string) listing {
	t.Helper()
	return decode[listing](t, send(t, request{method: "GET", path: "/api/v1/auth/api-keys" + query, as: as}).is(t, 200))
}

func TestKeyIsShownWholeOnceAndMaskedEverAfter(t *testing.T) {
	p := owner(t)
	made := newKey(t, p.token, nil)
	if !regexp.MustCompile(`^gf_[0-9A-Za-z]{52}$`).MatchString(made.Key) {
		t.Fatalf("the key of %s does not have the form of docs/dialects.md", made.ID)
	}
	if !strings.HasPrefix(made.Key[3:], made.ID) {
		t.Fatalf("the key of %s does not have its id after the prefix", made.ID)
	}
	masked := made.Key[:8] + mask
	listed := keysOf(t, p.token, "").Keys
	array := decode[[]key](t, send(t, request{method: "GET", path: "/v1/api-keys", as: p.token}).is(t, 200))
	for _, shown := range []key{listed[0], array[0], revoke(t, p.token, made.ID)} {
		expect.Same(t, "the shown id", shown.ID, made.ID)
		expect.Same(t, "the masked key", shown.Key, masked)
	}
}

// The words of different dialects for the same things, on both paths.
func TestKeyIsMadeInTheWordsOfEverySeed(t *testing.T) {
	p := admin(t)
	for _, path := range []string{"/v1/api-keys", "/api/v1/auth/api-keys"} {
		for _, body := range []object{
			{"name": "Production Key", "permissions": []string{"read:stats"}},
			{"label": "Production Key", "scopes": []string{"read:stats"}},
			{"name": "Production Key", "scopes": []string{"stats:read"}},
		} {
			k := decode[key](t, send(t, request{method: "POST", path: path, as: p.token, body: body}).is(t, 201))
			if k.Name != "Production Key" {
				t.Errorf("%s %v: k.Name: %v, want Production Key", path, body, k.Name)
			}
			if k.Label != k.Name {
				t.Errorf("%s %v: k.Label: %v, want %v", path, body, k.Label, k.Name)
			}
			if !slices.Equal(k.Scopes, []string{"read:stats"}) {
				t.Errorf("%s %v: k.Scopes: %v, want %v", path, body, k.Scopes, []string{"read:stats"})
			}
			if !slices.Equal(k.Permissions, k.Scopes) {
				t.Errorf("%s %v: k.Permissions: %v, want %v", path, body, k.Permissions, k.Scopes)
			}
			if k.Type != "scoped" {
				t.Errorf("%s %v: k.Type: %v, want scoped", path, body, k.Type)
			}
			if k.Status != "active" {
				t.Errorf("%s %v: k's status: %v, want active", path, body, k.Status)
			}
			if k.ExpiresAt != nil {
				t.Errorf("%s %v: expires_at: %v, want none", path, body, k.ExpiresAt)
			}
			if !k.CreatedAt.Equal(k.CreatedAt2) {
				t.Errorf("%s %v: k.CreatedAt: %v, want %v", path, body, k.CreatedAt, k.CreatedAt2)
			}
			if time.Since(k.CreatedAt) > time.Minute {
				t.Errorf("%s %v: made %v ago, want a minute or less", path, body, time.Since(k.CreatedAt))
			}
			send(t, request{method: "GET", path: me, as: k.Key}).is(t, 200)
		}
	}
}

func TestKeepsWhatAKeyWasGiven(t *testing.T) {
	p := admin(t)
	k := newKey(t, p.token, object{"metadata": object{"team": "core"}, "expires_at": "2100-01-01T01:00:00+01:00"})
	expect.Same(t, "the metadata's team", k.Metadata["team"], "core")
	want := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	if k.ExpiresAt == nil {
		t.Fatal("there is no expires_at")
	}
	if !k.ExpiresAt.Equal(want) {
		t.Errorf("expires_at: %v, want %v", k.ExpiresAt, want)
	}
}

func TestKeysAreListedNewestFirstAndEachOnOnePage(t *testing.T) {
	p := member(t)
	var want []string
	for range 5 {
		want = append([]string{newKey(t, p.token, nil).ID}, want...)
	}
	ids := func(keys []key) (ids []string) {
		for _, k := range keys {
			ids = append(ids, k.ID)
		}
		return ids
	}
	if got := ids(keysOf(t, p.token, "").Keys); !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}

	var paged []string
	for query := "?limit=2"; ; {
		page := keysOf(t, p.token, query)
		paged = append(paged, ids(page.Keys)...)
		if page.NextCursor == nil {
			break
		}
		newKey(t, p.token, nil) // comes before all that is still to come: it must neither repeat nor hide any
		query = "?limit=2&cursor=" + url.QueryEscape(*page.NextCursor)
	}
	if !slices.Equal(paged, want) {
		t.Errorf("by next_cursor: got %v, want %v", paged, want)
	}
}

func TestLinkLeadsToTheNextPage(t *testing.T) {
	p := member(t)
	for range 3 {
		newKey(t, p.token, nil)
	}
	next := regexp.MustCompile(`^<([^>]+)>; rel="next"$`)
	here, err := url.Parse("/v1/api-keys?limit=2")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for pages := 1; ; pages++ {
		a := send(t, request{method: "GET", path: here.String(), as: p.token}).is(t, 200)
		for _, k := range decode[[]key](t, a) {
			seen[k.ID] = true
		}
		link := a.header.Get("Link")
		if link == "" {
			expect.Same(t, "the number of pages", pages, 2)
			expect.Same(t, "the number of keys", len(seen), 3)
			return
		}
		target := next.FindStringSubmatch(link)
		if target == nil {
			t.Fatalf("page %d has Link: %s", pages, link)
		}
		if pages > 2 {
			t.Fatalf("there is a page %d, want 2", pages)
		}
		if here, err = here.Parse(target[1]); err != nil { // relative to the request, as RFC 8288 says
			t.Fatal(err)
		}
	}
}

func TestDeletedKeyIsGone(t *testing.T) {
	p := owner(t)
	for path, status := range map[string]int{"/v1/api-keys/": 200, "/api/v1/auth/api-keys/": 204} {
		k := newKey(t, p.token, nil)
		a := send(t, request{method: "DELETE", path: path + k.ID, as: p.token}).is(t, status)
		if status == 200 {
			expect.Same(t, a.asked+": ok", decode[struct{ OK bool }](t, a).OK, true)
		} else {
			expect.Same(t, a.asked+": the body", string(a.body), "")
		}
		send(t, request{method: "GET", path: me, as: k.Key}).refused(t, 401, "API_KEY_INVALID")
		send(t, request{method: "DELETE", path: path + k.ID, as: p.token}).refused(t, 404, "RESOURCE_NOT_FOUND")
		for _, left := range keysOf(t, p.token, "").Keys {
			if left.ID == k.ID {
				t.Errorf("%s is still listed", k.ID)
			}
		}
	}
}

func TestRevokingAgainChangesNothing(t *testing.T) {
	p := admin(t)
	k := newKey(t, p.token, nil)
	first := revoke(t, p.token, k.ID)
	if first.Status != "revoked" {
		t.Fatalf("first's status: %v, want revoked", first.Status)
	}
	if first.RevokedAt == nil {
		t.Fatal("there is no first.RevokedAt")
	}
	time.Sleep(5 * time.Millisecond) // a second revocation would have a time of its own
	again := revoke(t, p.token, k.ID)
	expect.Same(t, "again's status", again.Status, "revoked")
	if !again.RevokedAt.Equal(*first.RevokedAt) {
		t.Errorf("again.RevokedAt: %v, want %v", again.RevokedAt, *first.RevokedAt)
	}
	send(t, request{method: "GET", path: me, as: k.Key}).refused(t, 401, "API_KEY_REVOKED")
}
