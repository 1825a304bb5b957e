package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

// A fixture is a key of usr_A in prj_A, made an hour ago.
type fixture struct {
	t     *testing.T
	store *store.Store
	f     gateway.Function
	key   apikey.Key
	made  time.Time
}

func setUp(t *testing.T) *fixture {
	s := storetest.New(t)
	x := &fixture{t: t, store: s, f: gateway.Protected(handler{s}.serve), made: time.Now().Add(-time.Hour)}
	x.key = apikey.Key{
		ID: apikey.NewID(), Label: "test", Owner: "usr_A", Project: "prj_A", Hash: "1:h", Generation: 1, CreatedAt: x.made,
	}
	if err := s.CreateKey(context.Background(), x.key, x.entry(audit.Created, 0)); err != nil {
		t.Fatal(err)
	}
	return x
}

// entry is of so many seconds after the key was made.
func (x *fixture) entry(action string, second int) audit.Entry {
	return audit.New(action, audit.Source{
		Actor: audit.Actor{Type: "user", ID: "usr_A"}, Address: "192.0.2.1", Now: x.made.Add(time.Duration(second) * time.Second),
	}, 24*time.Hour)
}

func (x *fixture) put(second int) {
	x.t.Helper()
	if err := x.store.PutEntry(context.Background(), x.key, x.entry(audit.TokenIssued, second)); err != nil {
		x.t.Fatal(err)
	}
}

var owner = gatewaytest.User("usr_A", "a@example.com", "member", "read:stats")

func (x *fixture) get(caller map[string]any, id string, query map[string]string) gatewaytest.Answer {
	x.t.Helper()
	return gatewaytest.Do(x.t, x.f, gatewaytest.Call{
		Method: "GET", Resource: "/api/v1/auth/api-keys/{id}/audit-log", Path: map[string]string{"id": id},
		Query: query, Authorizer: caller,
	})
}

type page struct {
	Entries []struct {
		ID, Action string
		At         time.Time
	}
	NextCursor *string `json:"next_cursor"`
}

func (x *fixture) page(query map[string]string) page {
	x.t.Helper()
	got := x.get(owner, x.key.ID, query)
	var p page
	if err := json.Unmarshal([]byte(got.Body), &p); got.Status != 200 || err != nil {
		x.t.Fatalf("%d %s (%v)", got.Status, got.Body, err)
	}
	return p
}

func (p page) actions() string {
	var words []string
	for _, e := range p.Entries {
		words = append(words, e.Action)
	}
	return strings.Join(words, " ")
}

func TestLogShowsEveryChangeNewestFirst(t *testing.T) {
	x := setUp(t)
	ctx := context.Background()
	k, err := x.store.RegenerateKey(ctx, x.key, "1:h2", 0, x.entry(audit.Regenerated, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.store.RevokeKey(ctx, k, x.entry(audit.Revoked, 2)); err != nil {
		t.Fatal(err)
	}
	p := x.page(nil)
	if p.actions() != "revoked regenerated created" {
		t.Fatalf("p.actions(): %v, want revoked regenerated created", p.actions())
	}
	if p.NextCursor != nil {
		t.Fatalf("p.NextCursor: %v, want none", p.NextCursor)
	}
	if !p.Entries[2].At.Equal(x.made) {
		t.Errorf("created at %v, want %v", p.Entries[2].At, x.made)
	}
}

func TestLogIsReadableAfterTheKeyIsDeletedAndByItsOwnerOnly(t *testing.T) {
	x := setUp(t)
	if err := x.store.DeleteKey(context.Background(), x.key, x.entry(audit.Deleted, 1)); err != nil {
		t.Fatal(err)
	}
	if p := x.page(nil); p.actions() != "deleted created" {
		t.Fatalf("got %q", p.actions())
	}
	x.wantNotFoundByOthers()
}

func TestLogOfAnothersKeyDoesNotExist(t *testing.T) {
	x := setUp(t)
	x.wantNotFoundByOthers()
	for _, id := range []string{apikey.NewID(), "", "x", "a/b", x.key.ID + "#AUDIT", strings.Repeat("A", 2000), "\x00"} {
		if got := x.get(owner, id, nil); got.Status != 404 {
			t.Errorf("id %.20q: %d %s, want 404", id, got.Status, got.Body)
		}
	}
}

func (x *fixture) wantNotFoundByOthers() {
	x.t.Helper()
	for name, caller := range map[string]map[string]any{
		"another user":             gatewaytest.User("usr_B", "b@example.com", "member", "admin"),
		"a key of another user":    gatewaytest.Key("0123456789abcdef", "scoped", "usr_B", "prj_B", "admin"),
		"a key of another project": gatewaytest.Key("0123456789abcdef", "scoped", "usr_A", "prj_B", "admin"),
	} {
		got := x.get(caller, x.key.ID, nil)
		if got.Status != 404 {
			x.t.Errorf("%s: status %d, want 404: %s", name, got.Status, got.Body)
		}
		if got.Code(x.t) != "RESOURCE_NOT_FOUND" {
			x.t.Errorf("%s: error_code: %v, want RESOURCE_NOT_FOUND", name, got.Code(x.t))
		}
	}
	if got := x.get(gatewaytest.User("usr_B", "b@example.com", "admin", "admin"), x.key.ID, nil); got.Status != 200 {
		x.t.Errorf("an administrator: status %d, want 200: %s", got.Status, got.Body)
	}
}

func TestPagesNeitherRepeatNorHideAnEntryWhileOthersAreWritten(t *testing.T) {
	x := setUp(t)
	for i := range 9 {
		x.put(i + 1)
	}
	seen := map[string]bool{}
	var last time.Time
	query := map[string]string{"limit": "3"}
	for pages := 0; ; pages++ {
		p := x.page(query)
		for _, e := range p.Entries {
			if seen[e.ID] {
				t.Fatalf("%s of %v came again", e.ID, e.At)
			}
			if !last.IsZero() && e.At.After(last) {
				t.Fatalf("%s of %v came too late, after %v", e.ID, e.At, last)
			}
			seen[e.ID], last = true, e.At
		}
		if p.NextCursor == nil {
			break
		}
		query["cursor"] = *p.NextCursor
		x.put(100 + pages) // newer than all
	}
	if len(seen) != 10 {
		t.Fatalf("saw %d entries, want the 10 that there were", len(seen))
	}
}

func TestCursorThatThisLogDidNotGiveOutIsRefused(t *testing.T) {
	x, other := setUp(t), apikey.NewID()
	place := func(pk, sk string) string {
		text, _ := json.Marshal(map[string]string{"pk": pk, "sk": sk})
		return base64.RawURLEncoding.EncodeToString(text)
	}
	mine := "KEY#" + x.key.ID
	for name, cursor := range map[string]string{
		"no base64":          "!!",
		"no JSON":            "AAAA",
		"another key's":      place("KEY#"+other, "AUDIT#01ARZ3NDEKTSV4RRFFQ69G5FAV"),
		"the key itself":     place(mine, "KEY"),
		"before every entry": place(mine, "A"),
		"of another list":    base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"by_owner_pk":%q}`, mine)),
	} {
		switch got := x.get(owner, x.key.ID, map[string]string{"cursor": cursor}); {
		case got.Status != 400:
			t.Errorf("%s: status %d, want 400: %s", name, got.Status, got.Body)
		case got.Code(t) != "INVALID_PARAMETER":
			t.Errorf("%s: error_code: %v, want INVALID_PARAMETER", name, got.Code(t))
		}
	}
	for _, limit := range []string{"0", "101", "x"} {
		if got := x.get(owner, x.key.ID, map[string]string{"limit": limit}); got.Code(t) != "INVALID_PARAMETER" {
			t.Errorf("limit %s: %d, want 400", limit, got.Status)
		}
	}
}

func TestExpiredEntryIsNotShownBeforeTTLRemovesIt(t *testing.T) {
	x := setUp(t)
	e := x.entry(audit.TokenIssued, 1)
	e.ExpiresAt = audit.Moment(time.Now().Unix() - 1)
	if err := x.store.PutEntry(context.Background(), x.key, e); err != nil {
		t.Fatal(err)
	}
	if p := x.page(nil); p.actions() != "created" {
		t.Fatalf("got %q", p.actions())
	}
}
