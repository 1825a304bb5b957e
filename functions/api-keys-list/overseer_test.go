package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// An overseenWorld has the keys of three users, and other things that the index has too.
type overseenWorld struct {
	t     *testing.T
	list  gateway.Function
	users []user.User
}

func newOverseenWorld(t *testing.T) overseenWorld {
	t.Helper()
	ctx, s, now := context.Background(), storetest.New(t), time.Now()
	w := overseenWorld{t: t, list: gateway.Protected(handler{s}.serve)}
	for i, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		u := user.New(email, user.Member, now)
		w.users = append(w.users, u)
		if err := s.CreateProject(ctx, project.New(u.ID, "x", "gf_", now)); err != nil {
			t.Fatal(err)
		}
		for j := range 3 {
			k := apikey.Key{ID: apikey.NewID(), Label: fmt.Sprint(i, j), Owner: u.ID, OwnerEmail: email, Project: user.DefaultProject(u.ID), Hash: "1:hash", CreatedAt: now}
			if err := s.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	storetest.AwaitIndex()
	return w
}

func (w overseenWorld) get(as map[string]any, query map[string]string) gatewaytest.Answer {
	w.t.Helper()
	return gatewaytest.Do(w.t, w.list, gatewaytest.Call{Method: "GET", Resource: "/v1/api-keys", Authorizer: as, Query: query})
}

// all has the keys of all pages, as "owner's address label".
func (w overseenWorld) all(as map[string]any, owner string, limit int) (found []string, pages int) {
	w.t.Helper()
	query := map[string]string{"owner": owner, "limit": fmt.Sprint(limit)}
	for {
		a := w.get(as, query)
		var list []apikey.View
		if err := json.Unmarshal([]byte(a.Body), &list); err != nil {
			w.t.Fatalf("%v: %s", err, a.Body)
		}
		for _, k := range list {
			found = append(found, k.Owner.Email+" "+k.Label)
		}
		pages++
		link, more := strings.CutSuffix(strings.TrimPrefix(a.Header["Link"], "<?"), `>; rel="next"`)
		if !more {
			slices.Sort(found)
			return found, pages
		}
		next, err := url.ParseQuery(link)
		if err != nil {
			w.t.Fatal(err)
		}
		expect.Same(w.t, "the owner in the link", next.Get("owner"), owner)
		query["cursor"] = next.Get("cursor")
	}
}

func TestAdministratorSeesTheKeysOfEverybodyAndEachOnce(t *testing.T) {
	w := newOverseenWorld(t)
	admin := gatewaytest.User(w.users[0].ID, "a@example.com", "admin", "admin")
	found, pages := w.all(admin, "*", 4)
	expect.Same(t, "the keys of everybody", strings.Join(found, ", "),
		"a@example.com 0 0, a@example.com 0 1, a@example.com 0 2, b@example.com 1 0, b@example.com 1 1, b@example.com 1 2, c@example.com 2 0, c@example.com 2 1, c@example.com 2 2")
	expect.Same(t, "there are three pages or more", pages >= 3, true)
	found, _ = w.all(admin, w.users[1].ID, 2)
	expect.Same(t, "the keys of one", strings.Join(found, ", "), "b@example.com 1 0, b@example.com 1 1, b@example.com 1 2")
}

func TestNobodyElseSeesTheKeysOfOthers(t *testing.T) {
	w := newOverseenWorld(t)
	me := w.users[0].ID
	key := gatewaytest.Key("k", "scoped", me, user.DefaultProject(me), "admin")
	key[gateway.CtxRole] = "admin"
	for name, as := range map[string]map[string]any{
		"a member": gatewaytest.User(me, "a@example.com", "member", ""), "a key with the scope admin": key,
	} {
		for _, owner := range []string{"*", w.users[1].ID, "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", "x", "**", me + " "} {
			a := w.get(as, map[string]string{"owner": owner})
			expect.Same(t, name+", "+owner+": status", a.Status, 404)
			expect.Same(t, name+", "+owner+": error_code", a.Code(t), "RESOURCE_NOT_FOUND")
		}
		expect.Same(t, name+", their own: status", w.get(as, map[string]string{"owner": me}).Status, 200)
	}
}

func TestCursorOfEverybodysKeysIsOfNoOtherList(t *testing.T) {
	w := newOverseenWorld(t)
	admin := gatewaytest.User(w.users[0].ID, "a@example.com", "admin", "admin")
	cursor := func(owner string) string {
		t.Helper()
		link, _ := strings.CutPrefix(w.get(admin, map[string]string{"owner": owner, "limit": "1"}).Header["Link"], "<?")
		next, err := url.ParseQuery(strings.TrimSuffix(link, `>; rel="next"`))
		if err != nil || next.Get("cursor") == "" {
			t.Fatalf("no cursor in %q: %v", link, err)
		}
		return next.Get("cursor")
	}
	everybodys, somebodys := cursor("*"), cursor(w.users[1].ID)
	for owner, wrong := range map[string]string{"*": somebodys, w.users[1].ID: everybodys, w.users[2].ID: somebodys} {
		a := w.get(admin, map[string]string{"owner": owner, "cursor": wrong})
		expect.Same(t, owner+": status", a.Status, 400)
		expect.Same(t, owner+": error_code", a.Code(t), "INVALID_PARAMETER")
	}
	for _, invented := range []string{
		`{"search":"by_owner","key":{"pk":"KEY#x"}}`, `{"search":"by_owner","key":{"pk":"KEY#x","sk":"KEY","x":"y","z":"y"}}`,
		`{"search":"by_user","key":{"pk":"KEY#x"}}`, `{"search":"by_owner"}`, `{}`, `[]`, `{"search":"by_owner","key":{"pk":""}}`,
	} {
		a := w.get(admin, map[string]string{"owner": "*", "cursor": base64.RawURLEncoding.EncodeToString([]byte(invented))})
		expect.Same(t, invented+": status", a.Status, 400)
	}
}
