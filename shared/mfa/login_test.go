package mfa_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
)

// is checks the answer of a second step.
func (d *door) is(what string, status int, code string, wantStatus int, wantCode string) {
	d.t.Helper()
	expect.Same(d.t, what+": status", status, wantStatus)
	expect.Same(d.t, what+": error_code", code, wantCode)
}

func TestACodeCompletesALoginAndNoCodeDoesSoTwice(t *testing.T) {
	d := newDoor(t)
	expect.Same(t, "the token of a login without a factor", d.enter("192.0.2.7"), "")
	secret, _ := d.app()
	first, second := d.enter("192.0.2.7"), d.enter("192.0.2.7")
	now := code(t, secret, 0)
	s, c := d.complete("192.0.2.7", first, mfa.Given{Code: "000000"})
	d.is("a wrong code", s, c, 401, "INVALID_CREDENTIALS")
	s, c = d.complete("192.0.2.7", first, mfa.Given{Code: now})
	d.is("the code", s, c, 204, "")
	s, c = d.complete("192.0.2.7", second, mfa.Given{Code: now})
	d.is("the same code in another login", s, c, 401, "INVALID_CREDENTIALS")
	s, c = d.complete("192.0.2.7", first, mfa.Given{Code: code(t, secret, 1)})
	d.is("the same login with the next code", s, c, 401, "TOKEN_INVALID")
}

func TestOfManyRequestsWithOneCodeOneOpensASession(t *testing.T) {
	d := newDoor(t)
	secret, codes := d.app()
	for name, g := range map[string]mfa.Given{"a TOTP code": {Code: code(t, secret, 0)}, "a recovery code": {RecoveryCode: codes[0]}} {
		var tokens [4]string
		for i := range tokens {
			tokens[i] = d.enter("192.0.2.7")
		}
		var opened atomic.Int32
		var all sync.WaitGroup
		for _, raw := range tokens {
			all.Go(func() {
				if status, _ := d.complete("192.0.2.7", raw, g); status == 204 {
					opened.Add(1)
				}
			})
		}
		all.Wait()
		expect.Same(t, name+": sessions", opened.Load(), 1)
	}
}

func TestARecoveryCodeIsGoodOnceInWhateverWayItIsTyped(t *testing.T) {
	d := newDoor(t)
	_, codes := d.app()
	expect.Same(t, "the number of codes", len(codes), 10)
	s, c := d.complete("192.0.2.7", d.enter("192.0.2.7"), mfa.Given{RecoveryCode: " " + codes[3][:4] + " " + codes[3][5:]})
	d.is("a code", s, c, 204, "")
	s, c = d.complete("192.0.2.7", d.enter("192.0.2.7"), mfa.Given{RecoveryCode: codes[3]})
	d.is("the same code", s, c, 401, "INVALID_CREDENTIALS")
	_, set := d.reread()
	expect.Same(t, "the codes that are left", len(set.Codes), 9)
}

// What happens between the two steps makes the token useless.
func TestAnMFATokenDiesWithWhatItWasMadeFor(t *testing.T) {
	for name, change := range map[string]func(d *door){
		"a changed password": func(d *door) {
			d.must(d.store.SetPassword(ctx, email, hash+"x", audit.New(audit.PasswordChanged, audit.Source{Now: time.Now()}, time.Hour)))
		},
		"a new factor": func(d *door) { d.app() },
		"a removed factor": func(d *door) {
			u, set := d.reread()
			d.must(d.store.RemoveFactor(ctx, u, set, set.Factors[0], d.proof(), storetest.Entry(audit.FactorRemoved)))
		},
		"removed by an administrator": func(d *door) {
			u, set := d.reread()
			d.must(d.store.RemoveFactors(ctx, u, set, d.proof(), storetest.Entry))
		},
	} {
		d := newDoor(t)
		secret, _ := d.app()
		raw := d.enter("192.0.2.7")
		change(d)
		s, c := d.complete("192.0.2.7", raw, mfa.Given{Code: code(t, secret, 0)})
		d.is(name, s, c, 401, "TOKEN_INVALID")
	}
}

func TestAnMFATokenOpensNothing(t *testing.T) {
	d := newDoor(t)
	d.app()
	raw := d.enter("192.0.2.7")
	challenge, _, err := mfa.NewChallenge(ctx, d.tokens, mfa.SignIn, time.Now())
	d.must(err)
	check := authn.New(d.store, d.tokens, secrettest.Source(), nil)
	for name, one := range map[string]string{"an mfa_token": raw, "a challenge": challenge} {
		for _, inQuery := range []bool{false, true} {
			if _, err := check.Identify(ctx, one, authn.Request{Now: time.Now(), InQuery: inQuery}); err == nil {
				t.Errorf("%s opens the API", name)
			}
		}
		if _, err := check.Inspect(ctx, one, nil, time.Now()); err == nil {
			t.Errorf("%s is active", name)
		}
		if _, err := d.tokens.Verify(ctx, one, token.Refresh); err == nil {
			t.Errorf("%s refreshes", name)
		}
	}
	s, c := d.complete("192.0.2.7", challenge, mfa.Given{Code: "000000"})
	d.is("a challenge for an mfa_token", s, c, 401, "TOKEN_INVALID")
}

func TestAGuesserOfCodesWaitsAndTheOwnerDoesNot(t *testing.T) {
	d := newDoor(t)
	expect.Same(t, "the token of the first login", d.enter("192.0.2.7"), "")
	secret, _ := d.app()
	for i := range 6 { // from as many addresses as they like
		address := "198.51.100." + string(rune('1'+i))
		want, wantCode := 401, "INVALID_CREDENTIALS"
		if i == 5 {
			want, wantCode = 429, "RATE_LIMIT_EXCEEDED"
		}
		s, c := d.complete(address, d.enter(address), mfa.Given{Code: "000000"})
		d.is("a guess", s, c, want, wantCode)
	}
	s, c := d.complete("192.0.2.7", d.enter("192.0.2.7"), mfa.Given{Code: code(t, secret, 0)})
	d.is("the owner, where the account knows them", s, c, 204, "")
}

// TestRemovalDuringALoginLeavesNothingHalfDone plays logins that are completed while their factor is
// removed. Whichever comes first, a session that was opened used a factor that was there, and a login that
// came second is refused.
func TestRemovalDuringALoginLeavesNothingHalfDone(t *testing.T) {
	for range 5 {
		d := newDoor(t)
		secret, _ := d.app()
		raw := d.enter("192.0.2.7")
		u, set := d.reread()
		var all sync.WaitGroup
		var status int
		var errRemove error
		all.Go(func() { status, _ = d.complete("192.0.2.7", raw, mfa.Given{Code: code(t, secret, 0)}) })
		all.Go(func() {
			errRemove = d.store.RemoveFactor(ctx, u, set, set.Factors[0], d.proof(), storetest.Entry(audit.FactorRemoved))
		})
		all.Wait()
		d.must(errRemove) // nothing that a login does keeps a factor from being removed
		if status != 204 && status != 401 {
			t.Errorf("the login: status %d", status)
		}
		after, left := d.reread()
		expect.Same(t, "the mark of the factors", after.Factors, "")
		expect.Same(t, "the factors and codes that are left", len(left.Factors)+len(left.Codes), 0)
		expect.Same(t, "the token of the next login", d.enter("192.0.2.7"), "")
	}
}

func TestASessionWithoutAFreshProofChangesNoFactor(t *testing.T) {
	d := newDoor(t)
	d.app()
	u, set := d.reread()
	for name, proof := range map[string]store.Proof{
		"eleven minutes later": {Session: d.session.ID, UserID: u.ID, Now: time.Now().Add(11 * time.Minute)},
		"another session":      {Session: "ses_AAAAAAAAAAAAAAAAAAAAAAAAAA", UserID: u.ID, Now: time.Now()},
		"another user":         {Session: d.session.ID, UserID: "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", Now: time.Now()},
	} {
		if err := d.store.RemoveFactor(ctx, u, set, set.Factors[0], proof, storetest.Entry(audit.FactorRemoved)); err == nil {
			t.Errorf("%s: the factor was removed", name)
		}
		if err := d.store.ReplaceCodes(ctx, u, []string{"1:x"}, proof); err == nil {
			t.Errorf("%s: the codes were replaced", name)
		}
	}
}

// said is Ann's log, oldest first: the action of each entry, and why a sign-in was refused.
func (d *door) said() string {
	d.t.Helper()
	entries, _, err := d.store.AccountLog(ctx, d.user.ID, store.Page{Limit: 100}, time.Now())
	d.must(err)
	var all []string
	for _, e := range entries {
		if because := e.Detail["because"]; because != "" {
			all = append(all, fmt.Sprintf("%s: %s, %d", e.Action, because, e.Count))
			continue
		}
		all = append(all, e.Action)
	}
	slices.Sort(all) // entries of one moment have no order
	return strings.Join(all, "; ")
}

func TestTheLogSaysThatAFactorWasWrongAndThatARecoveryCodeWasUsed(t *testing.T) {
	d := newDoor(t)
	secret, codes := d.app()
	k := d.passkey()
	now := code(t, secret, 0)
	for _, g := range []mfa.Given{{Code: "000000"}, {Code: now}, {Code: now}, {RecoveryCode: codes[0]}} {
		d.complete("192.0.2.7", d.enter("192.0.2.7"), g)
	}
	raw, challenge, err := mfa.NewChallenge(ctx, d.tokens, mfa.SignIn, time.Now())
	d.must(err)
	status, _ := d.alone(raw, d.sign(k, elsewhere, challenge))
	expect.Same(t, "a passkey for another page: status", status, 401)
	expect.Same(t, "the log", d.said(), "created; factor_added; factor_added; recovery_code_used; "+
		"sign_in_refused: the second factor was wrong, 3; signed_in; signed_in; signed_in")
}
