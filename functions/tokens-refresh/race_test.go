package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/strictdynamo"
)

// A round is one refresh token that several send at once, while the user may log out.
type round struct {
	own, stolen []gatewaytest.Answer // of the client's requests, and of a thief's
	loggedOut   bool                 // the logout was answered before the round's end
}

// TestRacesOfRefreshAndLogoutLeaveOnePairOrNoSession plays histories of rounds on a table that
// refuses some calls. Of each round it must hold, a 503 being no answer:
//
//   - whoever got a pair for the token got the very same;
//   - the client's own requests are refused only after a thief's or a logout;
//   - if the client and a thief were both answered, or the user logged out, the session has ended;
//   - an ended session stays ended: nobody gets a pair for any token of the family.
func TestRacesOfRefreshAndLogoutLeaveOnePairOrNoSession(t *testing.T) {
	cfg, table, proxy := storetest.Proxied(t)
	proxy.Set(func(s *strictdynamo.Settings) { s.ConflictRate, s.ThrottleRate = 0.1, 0.05 })
	s := store.New(cfg, table)
	issuer := session.Issuer{Tokens: tokentest.Authority(t), Access: time.Hour, Refresh: 720 * time.Hour, Family: 4320 * time.Hour}
	f := gateway.Public(s, nil, handler{s, issuer, factor.Nobody, time.Hour}.serve)
	var all sync.WaitGroup
	turns := make(chan uint64)
	for range 4 {
		all.Go(func() {
			for seed := range turns {
				ses := session.New(user.New("ann@example.com", user.Member, time.Now()), issuer.Refresh, home, browser, time.Now())
				if err := patiently(func() error { return s.CreateSession(context.Background(), ses, storetest.Entry(audit.SignedIn)) }); err != nil {
					t.Error(err)
					continue
				}
				play(t, family{s, issuer, ses, f}, seed)
			}
		})
	}
	for seed := range storetest.Histories(t, 40) {
		turns <- uint64(seed) //nolint:gosec // it is not negative
	}
	close(turns)
	all.Wait()
}

func play(t *testing.T, f family, seed uint64) {
	chance := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // histories are no secret
	current := f.refreshToken(t, 0)
	for n := range 4 {
		name := fmt.Sprintf("history %d, round %d", seed, n)
		next, ended := f.check(t, name, f.send(t, current, 1+chance.IntN(3), chance.IntN(4)/3, chance.IntN(8) == 0))
		if !ended && f.gone(t) {
			t.Errorf("%s: the session has ended, and nobody has ended it", name)
		}
		if ended {
			for _, text := range []string{current, next} {
				if text == "" {
					continue
				}
				if a := f.settled(t, text); a.Status != http.StatusUnauthorized {
					t.Errorf("%s: after the session's end: status %d: %s", name, a.Status, a.Body)
				}
			}
			return
		}
		if next != "" {
			current = next
		}
	}
}

// send plays a round.
func (f family) send(t *testing.T, refreshToken string, own, stolen int, logout bool) round {
	r := round{own: make([]gatewaytest.Answer, own), stolen: make([]gatewaytest.Answer, stolen)}
	var all sync.WaitGroup
	for i := range r.own {
		all.Go(func() { r.own[i] = f.from(t, []string{home, elsewhere}[i%2], browser, refreshToken) })
	}
	for i := range r.stolen {
		all.Go(func() { r.stolen[i] = f.from(t, home, curl, refreshToken) })
	}
	if logout {
		all.Go(func() {
			err := f.store.EndSession(context.Background(), f.ses.ID, f.ses.UserID)
			r.loggedOut = err == nil || errors.Is(err, store.ErrNotFound)
		})
	}
	all.Wait()
	return r
}

// check checks a round. It returns the next refresh token, "" if nobody got it, and whether the
// session must have ended.
func (f family) check(t *testing.T, name string, r round) (next string, ended bool) {
	body := ""
	answered := map[string]int{}
	for who, answers := range map[string][]gatewaytest.Answer{"the client": r.own, "the thief": r.stolen} {
		for _, a := range answers {
			switch {
			case a.Status == http.StatusServiceUnavailable:
				continue
			case a.Status == http.StatusOK && body != "" && a.Body != body:
				t.Errorf("%s: two pairs for one token:\n%s\n%s", name, body, a.Body)
			case a.Status == http.StatusOK:
				body = a.Body
				next, _ = a.JSON(t)["refresh_token"].(string)
			case a.Status != http.StatusUnauthorized:
				t.Errorf("%s: %s: status %d: %s", name, who, a.Status, a.Body)
			case len(r.stolen) == 0 && !r.loggedOut:
				t.Errorf("%s: %s is refused, without a thief or a logout: %s", name, who, a.Body)
			}
			answered[who]++
		}
	}
	ended = r.loggedOut || answered["the client"] > 0 && answered["the thief"] > 0
	if ended && !f.gone(t) {
		t.Errorf("%s: the session goes on: logout %t, answers %v", name, r.loggedOut, answered)
	}
	return next, ended
}

// gone reports whether the session has ended.
func (f family) gone(t *testing.T) bool {
	err := patiently(func() error {
		_, _, err := f.store.CheckSession(context.Background(), f.ses.ID, nil, time.Now())
		return err
	})
	if err != nil && !errors.Is(err, session.ErrEnded) {
		t.Error(err)
	}
	return err != nil
}

// settled refreshes until the answer is not a 503.
func (f family) settled(t *testing.T, refreshToken string) (a gatewaytest.Answer) {
	for range 20 {
		if a = f.from(t, home, browser, refreshToken); a.Status != http.StatusServiceUnavailable {
			break
		}
	}
	return a
}

// patiently repeats what the table refuses.
func patiently(do func() error) (err error) {
	for range 20 {
		if err = do(); err == nil || errors.Is(err, session.ErrEnded) {
			break
		}
	}
	return err
}
