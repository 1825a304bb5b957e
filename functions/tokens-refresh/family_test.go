package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

const (
	home, elsewhere = "192.0.2.7", "198.51.100.9"
	browser, curl   = "browser", "curl/8.5.0"
)

// now is the session as the table has it.
func (f family) now(t *testing.T) session.Session {
	t.Helper()
	ses, _, err := f.store.CheckSession(context.Background(), f.ses.ID, nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return *ses
}

func TestAReplayByAnotherClientEndsTheSessionAlsoWithinTheWindow(t *testing.T) {
	f := newFamily(t)
	first := f.refreshToken(t, 0)
	own := f.from(t, home, browser, first)
	expect.Same(t, "the client's own refresh", own.Status, 200)
	stolen := f.from(t, home, curl, first)
	expect.Same(t, "the thief's refresh", stolen.Status, 401)
	expect.Same(t, "error_code", stolen.Code(t), "TOKEN_INVALID")
	expect.Same(t, "the session is ended", f.ended(), true)
	log, _, err := f.store.AccountLog(context.Background(), f.ses.UserID, store.Page{Limit: 1}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "what the log says of it", log[0].Action+": "+log[0].Detail["because"], "session_ended: a refresh token was used again")
	expect.Same(t, "whose client it names", log[0].UserAgent, curl)
	expect.Same(t, "which session it names", log[0].Detail["session"], f.ses.ID)
}

func TestTheClientWhoseTokenAThiefRefreshedFirstEndsTheSession(t *testing.T) {
	f := newFamily(t)
	first := f.refreshToken(t, 0)
	expect.Same(t, "the thief's refresh", f.from(t, elsewhere, curl, first).Status, 200)
	expect.Same(t, "the client's own refresh", f.from(t, home, browser, first).Status, 401)
	expect.Same(t, "the session is ended", f.ended(), true)
}

func TestAThiefWhoStaysInStepAsTheSameClientIsShown(t *testing.T) {
	f := newFamily(t)
	first := f.refreshToken(t, 0)
	own, stolen := f.from(t, home, browser, first), f.from(t, elsewhere, browser, first)
	expect.Same(t, "the replay's status", stolen.Status, 200)
	expect.Same(t, "the replay's pair", stolen.Body, own.Body)
	next, _ := own.JSON(t)["refresh_token"].(string)
	expect.Same(t, "the refresh after it", f.from(t, home, browser, next).Status, 200)
	places := f.now(t).TwoPlaces
	if places == nil {
		t.Fatal("the list does not show that it was refreshed from two places")
	}
	expect.Same(t, "the places", strings.Join(places.Addresses, " "), home+" "+elsewhere)
	if age := time.Since(places.At); age < 0 || age > time.Minute {
		t.Errorf("it was %s ago", age)
	}
}

func TestARepeatedRefreshFromTheSamePlaceIsNotShown(t *testing.T) {
	f := newFamily(t)
	first := f.refreshToken(t, 0)
	for _, address := range []string{"2001:db8:1:2::7", "2001:db8:1:2::8"} { // one subscriber's
		expect.Same(t, address, f.from(t, address, browser, first).Status, 200)
	}
	if places := f.now(t).TwoPlaces; places != nil {
		t.Errorf("it is shown as refreshed from %v", places.Addresses)
	}
}

// aged is a family whose login was so long ago, and that was refreshed ever since.
func aged(t *testing.T, ago time.Duration) family {
	t.Helper()
	s := storetest.New(t)
	issuer := session.Issuer{Tokens: tokentest.Authority(t), Access: time.Hour, Refresh: 720 * time.Hour, Family: 4320 * time.Hour}
	ses := session.New(user.New("ann@example.com", user.Member, time.Now()), issuer.Refresh, home, browser, time.Now().Add(-ago))
	ses.ExpiresAt = time.Now().Add(issuer.Refresh).Unix()
	ses.RotatedAt = time.Now().UnixMilli()
	if err := s.CreateSession(context.Background(), ses, storetest.Entry(audit.SignedIn)); err != nil {
		t.Fatal(err)
	}
	return family{s, issuer, ses, gateway.Public(s, nil, handler{s, issuer, factor.Nobody, time.Hour}.serve)}
}

func TestAFamilyEndsAfterItsAbsoluteLifetimeHoweverOftenItIsRefreshed(t *testing.T) {
	const left = 30 * time.Minute // less than an access token's lifetime
	f := aged(t, 4320*time.Hour-left)
	end := f.ses.CreatedAt.Add(f.issuer.Family).Unix()
	answer := f.from(t, home, browser, f.refreshToken(t, 0))
	if answer.Status != 200 {
		t.Fatalf("status %d, want 200: %s", answer.Status, answer.Body)
	}
	for _, name := range []string{"access_token", "refresh_token"} {
		claims := token.Claims{}
		text, _ := answer.JSON(t)[name].(string)
		if _, _, err := jwt.NewParser().ParseUnverified(text, &claims); err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the end of the "+name, claims.ExpiresAt.Unix(), end)
	}
	if seconds, _ := answer.JSON(t)["expires_in"].(float64); seconds > left.Seconds()+1 || seconds < left.Seconds()-60 {
		t.Errorf("expires_in is %v, want about %v", seconds, left.Seconds())
	}
	expect.Same(t, "the end of the session", f.now(t).ExpiresAt, end)
	over := aged(t, 4320*time.Hour)
	refused := over.from(t, home, browser, over.refreshToken(t, 0))
	expect.Same(t, "a refresh after the end", refused.Status, 401)
	expect.Same(t, "its error_code", refused.Code(t), "TOKEN_INVALID")
}

func TestSessionsOfTheVersionBeforeGoOnAndGetTheSameBounds(t *testing.T) {
	f := newFamily(t)
	f.rotateByTheVersionBefore(t, 0)
	again := f.from(t, elsewhere, browser, f.refreshToken(t, 0))
	expect.Same(t, "a repeated refresh", again.Status, 200)
	expect.Same(t, "that it came from two places", f.now(t).TwoPlaces == nil, true) // nobody knows the first one
	expect.Same(t, "the next refresh", f.from(t, home, browser, f.refreshToken(t, 1)).Status, 200)
	f.rotateByTheVersionBefore(t, 2) // while both versions run
	expect.Same(t, "a replay by another client", f.from(t, home, curl, f.refreshToken(t, 2)).Status, 401)
	expect.Same(t, "the session is ended", f.ended(), true)
}

// rotateByTheVersionBefore does what RotateSession did before there was a rotation attribute.
func (f family) rotateByTheVersionBefore(t *testing.T, generation int) {
	t.Helper()
	was := f.now(t)
	if was.Generation != generation {
		t.Fatalf("the generation is %d, want %d", was.Generation, generation)
	}
	if err := f.store.EndSession(context.Background(), was.ID, was.UserID); err != nil {
		t.Fatal(err)
	}
	was.Generation, was.RotatedAt = generation+1, time.Now().UnixMilli()
	if err := f.store.CreateSession(context.Background(), was, storetest.Entry(audit.SignedIn)); err != nil {
		t.Fatal(err)
	}
}
