package authn_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

const ring = `{"current":"1","1":"ssssssssssssssssssssssssssssssssssssssss"}`

var (
	ctx     = context.Background()
	now     = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	reading = &ratelimit.Limit{Category: ratelimit.Read, Max: 100, Window: time.Minute}
)

// fresh is the authenticator of a process that has read no secret yet. Both secrets are read by read.
func fresh(t *testing.T, s *store.Store, read func(context.Context) (string, error)) (*authn.Authenticator, *token.Authority) {
	t.Helper()
	clock := func() time.Time { return now }
	tokens, err := token.NewAuthority("us", "them", secret.NewSource(read, clock), clock)
	if err != nil {
		t.Fatal(err)
	}
	return authn.New(s, tokens, secret.NewSource(read, clock), nil), tokens
}

func at(text string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return text, nil }
}

func newKey(t *testing.T, s *store.Store, change func(*apikey.Key)) string {
	t.Helper()
	pepper, err := secret.ParseRing(ring)
	if err != nil {
		t.Fatal(err)
	}
	k := apikey.Key{ID: apikey.NewID(), Type: apikey.Scoped, Owner: "usr_A", Project: "prj_A", Scopes: []string{"read:stats"}, Generation: 1, CreatedAt: now}
	full := apikey.New("gf_", k.ID)
	k.Hash = pepper.MAC(full)
	if change != nil {
		change(&k)
	}
	if err := s.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
		t.Fatal(err)
	}
	return full
}

func TestFirstKeyOfAProcessIsReadWhileItsPepperIs(t *testing.T) {
	s, wire := storetest.Wired(t)
	full := newKey(t, s, nil)
	arrived := make(chan struct{})
	wire.Calls()
	wire.Fail(func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
		close(arrived)
		return next.RoundTrip(r)
	})
	a, _ := fresh(t, s, func(context.Context) (string, error) {
		select {
		case <-arrived:
			return ring, nil
		case <-time.After(10 * time.Second):
			return "", errors.New("the key was not read while the pepper was")
		}
	})
	i, err := a.IdentifyKey(ctx, full, authn.Request{Now: now})
	if err != nil || !i.Proven {
		t.Fatalf("proven: %v, %v", i.Proven, err)
	}
	if calls := wire.Calls(); !slices.Equal(calls, []string{"GetItem"}) {
		t.Errorf("calls: %v, want one GetItem", calls)
	}
	if _, err := a.IdentifyKey(ctx, full, authn.Request{Now: now}); err != nil {
		t.Errorf("the second check: %v", err)
	}
	if calls := wire.Calls(); !slices.Equal(calls, []string{"GetItem"}) {
		t.Errorf("calls of the second check: %v, want one GetItem", calls)
	}
}

func TestFirstCheckOfAProcessDecidesLikeEveryOther(t *testing.T) {
	s, _ := storetest.Wired(t)
	good := newKey(t, s, nil)
	for name, full := range map[string]string{
		"good":          good,
		"unknown":       apikey.New("gf_", apikey.NewID()),
		"wrong secret":  apikey.New("gf_", good[3:19]),
		"revoked":       newKey(t, s, func(k *apikey.Key) { k.RevokedAt = &now }),
		"expired":       newKey(t, s, func(k *apikey.Key) { k.ExpiresAt = now.Unix() }),
		"other address": newKey(t, s, func(k *apikey.Key) { k.AllowedIPs = []string{"192.0.2.8/32"} }),
		"old secret":    newKey(t, s, func(k *apikey.Key) { k.PrevHash, k.PrevUntil, k.Hash = k.Hash, now.Unix()+1, "1:x" }),
		"without owner": newKey(t, s, func(k *apikey.Key) { k.Owner = "" }),
		"ended grace":   newKey(t, s, func(k *apikey.Key) { k.PrevHash, k.PrevUntil, k.Hash = k.Hash, now.Unix(), "1:x" }),
	} {
		a, _ := fresh(t, s, at(ring))
		first, errFirst := a.IdentifyKey(ctx, full, authn.Request{Now: now, Address: "192.0.2.7"})
		later, errLater := a.IdentifyKey(ctx, full, authn.Request{Now: now, Address: "192.0.2.7"})
		if code(errFirst) != code(errLater) || (name == "good" || name == "old secret") != (errFirst == nil) {
			t.Errorf("%s: first %v, later %v", name, errFirst, errLater)
		}
		if first.Proven != later.Proven || first.Generation != later.Generation {
			t.Errorf("%s: proven %v, later %v; generation %d, later %d", name, first.Proven, later.Proven, first.Generation, later.Generation)
		}
	}
}

func code(err error) string {
	var p *problem.Problem
	if err != nil && !errors.As(err, &p) {
		return err.Error()
	}
	if p == nil {
		return ""
	}
	return p.Code
}

func TestKeyThatWasReadIsRefusedWhereThePepperIsNot(t *testing.T) {
	s, _ := storetest.Wired(t)
	a, _ := fresh(t, s, func(context.Context) (string, error) { return "", errors.New("down") })
	if _, err := a.IdentifyKey(ctx, newKey(t, s, nil), authn.Request{Now: now}); err == nil || code(err) != err.Error() {
		t.Errorf("got %v, want an error that is no refusal of the key", err)
	}
}

// The pepper may be rotated between the two reads.
func TestFirstKeyOfAProcessMayHaveANewerPepper(t *testing.T) {
	s, _ := storetest.Wired(t)
	rotated := strings.Replace(ring, `{"current":"1"`, `{"current":"2","2":"tttttttttttttttttttttttttttttttttttttttt"`, 1)
	newer, err := secret.ParseRing(rotated)
	if err != nil {
		t.Fatal(err)
	}
	id := apikey.NewID()
	full := apikey.New("gf_", id)
	newKey(t, s, func(k *apikey.Key) { k.ID, k.Hash = id, newer.MAC(full) })
	next := ring
	a, _ := fresh(t, s, func(context.Context) (string, error) {
		text := next
		next = rotated
		return text, nil
	})
	if i, err := a.IdentifyKey(ctx, full, authn.Request{Now: now}); err != nil || !i.Proven {
		t.Errorf("proven: %v, %v", i.Proven, err)
	}
}

// Whoever makes up tokens shall cost us no read, and a count needs the hash in its condition.
func TestNothingIsAskedOfTheTableBeforeASecretIsKnown(t *testing.T) {
	s, wire := storetest.Wired(t)
	ses := session.New(user.New("a@example.com", user.Member, now), time.Hour, "192.0.2.7", "test", now)
	if err := s.CreateSession(ctx, ses, storetest.Entry(audit.SignedIn)); err != nil {
		t.Fatal(err)
	}
	full := newKey(t, s, nil)
	_, tokens := fresh(t, s, at(ring))
	jwt, err := tokens.Sign(ctx, ses.Claims(token.Session, time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for name, credential := range map[string]string{"a token": jwt, "a limited key": full} {
		wire.Calls()
		var early []string
		a, _ := fresh(t, s, func(context.Context) (string, error) {
			time.Sleep(20 * time.Millisecond)
			early = wire.Calls()
			return ring, nil
		})
		if _, err := a.Identify(ctx, credential, authn.Request{Now: now, Limit: reading}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(early) != 0 {
			t.Errorf("%s: %v before the secret was read", name, early)
		}
		if calls := wire.Calls(); !slices.Equal(calls, []string{"UpdateItem"}) {
			t.Errorf("%s: calls: %v, want one UpdateItem", name, calls)
		}
	}
	a, _ := fresh(t, s, at(ring))
	if _, err := a.Identify(ctx, jwt[:len(jwt)-4]+"AAAA", authn.Request{Now: now}); code(err) != problem.TokenInvalid.Code {
		t.Errorf("a forged token: %v", err)
	}
	if calls := wire.Calls(); len(calls) != 0 {
		t.Errorf("a forged token cost %v", calls)
	}
}
