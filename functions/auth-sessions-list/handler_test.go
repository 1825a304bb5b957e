package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// open logs the user in, age ago, for an hour.
func open(t *testing.T, s *store.Store, u user.User, age time.Duration) session.Session {
	t.Helper()
	ses := session.New(u, time.Hour, "192.0.2.7", "browser", time.Now().Add(-age))
	if err := s.CreateSession(context.Background(), ses, storetest.Entry(audit.SignedIn)); err != nil {
		t.Fatal(err)
	}
	return ses
}

func list(t *testing.T, s *store.Store, ses session.Session, query map[string]string) gatewaytest.Answer {
	t.Helper()
	caller := gatewaytest.User(ses.UserID, ses.Email, ses.Role, "")
	caller[gateway.CtxSession] = ses.ID
	return gatewaytest.Do(t, gateway.Protected(handler{s}.serve), gatewaytest.Call{
		Method: "GET", Resource: "/v1/auth/sessions", Authorizer: caller, Query: query,
	})
}

func TestListShowsTheCallersStandingSessionsAndWhichIsTheirs(t *testing.T) {
	s := storetest.New(t)
	ann, bob := user.New("ann@example.com", user.Member, time.Now()), user.New("bob@example.com", user.Member, time.Now())
	phone := open(t, s, ann, time.Minute)
	laptop := open(t, s, ann, 0)
	open(t, s, ann, 2*time.Hour) // expired, and not yet removed by TTL
	open(t, s, bob, 0)
	if err := s.SetTwoPlaces(context.Background(), phone.ID, session.TwoPlaces{Addresses: []string{"192.0.2.7", "198.51.100.9"}, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	storetest.AwaitIndex()

	answer := list(t, s, laptop, nil)
	sessions, _ := answer.JSON(t)["sessions"].([]any)
	if answer.Status != 200 {
		t.Fatalf("status %d, want 200: %s", answer.Status, answer.Body)
	}
	if len(sessions) != 2 {
		t.Fatalf("len(sessions): %v, want 2", len(sessions))
	}
	if answer.JSON(t)["next_cursor"] != nil {
		t.Fatalf("next_cursor: %v, want none", answer.JSON(t)["next_cursor"])
	}
	newest, older := sessions[0].(map[string]any), sessions[1].(map[string]any)
	expect.Same[any](t, "the newest's id", newest["id"], laptop.ID)
	expect.Same(t, "the newest is current", newest["current"], true)
	expect.Same[any](t, "the older's id", older["id"], phone.ID)
	expect.Same(t, "the older is current", older["current"], false)
	expect.Same(t, "the newest's two places", newest["refreshed_from_two_places"], nil)
	places, _ := older["refreshed_from_two_places"].(map[string]any)
	expect.Same(t, "the older's two places", fmt.Sprint(places["addresses"]), "[192.0.2.7 198.51.100.9]")
	for _, field := range []string{"device", "address", "created_at", "last_used_at", "expires_at"} {
		if text, _ := newest[field].(string); text == "" {
			t.Errorf("%s is missing: %s", field, answer.Body)
		}
	}
}

func TestPagesOfSessionsNeitherRepeatNorSkip(t *testing.T) {
	s := storetest.New(t)
	ann := user.New("ann@example.com", user.Member, time.Now())
	var mine session.Session
	for i := range 5 {
		mine = open(t, s, ann, time.Duration(i)*time.Second)
	}
	storetest.AwaitIndex()
	seen := map[any]int{} // the page, from 1
	query := map[string]string{"limit": "2"}
	for page := range 3 {
		body := list(t, s, mine, query).JSON(t)
		for _, ses := range body["sessions"].([]any) {
			id := ses.(map[string]any)["id"]
			expect.Same(t, fmt.Sprintf("the earlier page that has %v of page %d", id, page+1), seen[id], 0)
			seen[id] = page + 1
		}
		query["cursor"], _ = body["next_cursor"].(string)
	}
	expect.Same(t, "len(seen)", len(seen), 5)
	expect.Same(t, "the page of the caller's session, the oldest", seen[mine.ID], 1)
	expect.Same(t, "cursor", query["cursor"], "")
	bad := list(t, s, mine, map[string]string{"cursor": "nonsense"})
	expect.Same(t, "bad's status", bad.Status, 400)
	expect.Same(t, "error_code", bad.Code(t), "INVALID_PARAMETER")
}

// The index that lists sessions lags behind: a person who has just logged in sees where.
func TestTheCallersSessionIsListedBeforeTheIndexHasIt(t *testing.T) {
	s := storetest.New(t)
	ann, root := user.New("ann@example.com", user.Member, time.Now()), user.New("root@example.com", user.Admin, time.Now())
	open(t, s, ann, time.Minute)
	storetest.AwaitIndex()
	mine, roots := open(t, s, ann, 0), open(t, s, root, 0)
	sessions := list(t, s, mine, nil).JSON(t)["sessions"].([]any)
	expect.Same(t, "how many sessions", len(sessions), 2)
	first := sessions[0].(map[string]any)
	expect.Same[any](t, "the newest", first["id"], mine.ID)
	expect.Same(t, "it is current", first["current"], true)
	for _, other := range list(t, s, roots, map[string]string{"owner": ann.ID}).JSON(t)["sessions"].([]any) {
		expect.Same(t, "current, to an administrator who looks", other.(map[string]any)["current"], false)
	}
	if err := s.EndSession(context.Background(), mine.ID, ann.ID); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "how many after the session was ended", len(list(t, s, mine, nil).JSON(t)["sessions"].([]any)), 1)
}

func TestAKeyIsShownNoSessions(t *testing.T) {
	answer := gatewaytest.Do(t, gateway.Protected(handler{storetest.New(t)}.serve), gatewaytest.Call{
		Method: "GET", Resource: "/v1/auth/sessions", Authorizer: gatewaytest.Key("k", "scoped", "usr_A", "prj_A", "admin"),
	})
	expect.Same(t, "status", answer.Status, 403)
	expect.Same(t, "error_code", answer.Code(t), "FORBIDDEN")
}
