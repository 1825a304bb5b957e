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
	seen := map[any]bool{}
	query := map[string]string{"limit": "2"}
	for range 3 {
		body := list(t, s, mine, query).JSON(t)
		for _, ses := range body["sessions"].([]any) {
			seen[ses.(map[string]any)["id"]] = true
		}
		query["cursor"], _ = body["next_cursor"].(string)
	}
	expect.Same(t, "len(seen)", len(seen), 5)
	expect.Same(t, "cursor", query["cursor"], "")
	bad := list(t, s, mine, map[string]string{"cursor": "nonsense"})
	expect.Same(t, "bad's status", bad.Status, 400)
	expect.Same(t, "error_code", bad.Code(t), "INVALID_PARAMETER")
}

func TestAKeyIsShownNoSessions(t *testing.T) {
	answer := gatewaytest.Do(t, gateway.Protected(handler{storetest.New(t)}.serve), gatewaytest.Call{
		Method: "GET", Resource: "/v1/auth/sessions", Authorizer: gatewaytest.Key("k", "scoped", "usr_A", "prj_A", "admin"),
	})
	expect.Same(t, "status", answer.Status, 403)
	expect.Same(t, "error_code", answer.Code(t), "FORBIDDEN")
}
