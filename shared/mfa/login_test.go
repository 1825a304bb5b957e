package mfa_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/mfa/mfatest"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

var ctx = context.Background()

// A door is where Ann signs in.
type door struct{ *mfatest.Door }

func newDoor(t *testing.T) door { return door{mfatest.New(t)} }

// is checks the answer of a second step.
func (d door) is(what string, status int, code string, wantStatus int, wantCode string) {
	d.T.Helper()
	expect.Same(d.T, what+": status", status, wantStatus)
	expect.Same(d.T, what+": error_code", code, wantCode)
}

func TestACodeCompletesALoginAndNoCodeDoesSoTwice(t *testing.T) {
	d := newDoor(t)
	expect.Same(t, "the token of a login without a factor", d.Enter("192.0.2.7"), "")
	secret, _ := d.App()
	first, second := d.Enter("192.0.2.7"), d.Enter("192.0.2.7")
	now := mfatest.Code(t, secret, 0)
	s, c := d.Complete("192.0.2.7", first, mfa.Given{Code: "000000"})
	d.is("a wrong code", s, c, 401, "INVALID_CREDENTIALS")
	s, c = d.Complete("192.0.2.7", first, mfa.Given{Code: now})
	d.is("the code", s, c, 204, "")
	s, c = d.Complete("192.0.2.7", second, mfa.Given{Code: now})
	d.is("the same code in another login", s, c, 401, "INVALID_CREDENTIALS")
	s, c = d.Complete("192.0.2.7", first, mfa.Given{Code: mfatest.Code(t, secret, 1)})
	d.is("the same login with the next code", s, c, 401, "TOKEN_INVALID")
}

func TestOfManyRequestsWithOneCodeOneOpensASession(t *testing.T) {
	d := newDoor(t)
	secret, codes := d.App()
	for name, g := range map[string]mfa.Given{"a TOTP code": {Code: mfatest.Code(t, secret, 0)}, "a recovery code": {RecoveryCode: codes[0]}} {
		var tokens [4]string
		for i := range tokens {
			tokens[i] = d.Enter("192.0.2.7")
		}
		var opened atomic.Int32
		var all sync.WaitGroup
		for _, raw := range tokens {
			all.Go(func() {
				if status, _ := d.Complete("192.0.2.7", raw, g); status == 204 {
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
	_, codes := d.App()
	expect.Same(t, "the number of codes", len(codes), 10)
	s, c := d.Complete("192.0.2.7", d.Enter("192.0.2.7"), mfa.Given{RecoveryCode: " " + codes[3][:4] + " " + codes[3][5:]})
	d.is("a code", s, c, 204, "")
	s, c = d.Complete("192.0.2.7", d.Enter("192.0.2.7"), mfa.Given{RecoveryCode: codes[3]})
	d.is("the same code", s, c, 401, "INVALID_CREDENTIALS")
	_, set := d.Reread()
	expect.Same(t, "the codes that are left", len(set.Codes), 9)
}

// What happens between the two steps makes the token useless.
func TestAnMFATokenDiesWithWhatItWasMadeFor(t *testing.T) {
	for name, change := range map[string]func(d door){
		"a changed password": func(d door) {
			d.Must(d.Store.SetPassword(ctx, mfatest.Email, "another hash", audit.New(audit.PasswordChanged, audit.Source{Now: time.Now()}, time.Hour)))
		},
		"a new factor": func(d door) { d.App() },
		"a removed factor": func(d door) {
			u, set := d.Reread()
			d.Must(d.Store.RemoveFactor(ctx, u, set, set.Factors[0], d.Proof(), storetest.Entry(audit.FactorRemoved)))
		},
		"removed by an administrator": func(d door) {
			u, set := d.Reread()
			d.Must(d.Store.RemoveFactors(ctx, u, set, d.Proof(), storetest.Entry))
		},
	} {
		d := newDoor(t)
		secret, _ := d.App()
		raw := d.Enter("192.0.2.7")
		change(d)
		s, c := d.Complete("192.0.2.7", raw, mfa.Given{Code: mfatest.Code(t, secret, 0)})
		d.is(name, s, c, 401, "TOKEN_INVALID")
	}
}

func TestAnMFATokenOpensNothing(t *testing.T) {
	d := newDoor(t)
	d.App()
	raw := d.Enter("192.0.2.7")
	challenge, _, err := mfa.NewChallenge(ctx, d.Tokens, mfa.SignIn, time.Now())
	d.Must(err)
	check := authn.New(d.Store, d.Tokens, secrettest.Source(), nil)
	for name, one := range map[string]string{"an mfa_token": raw, "a challenge": challenge} {
		for _, inQuery := range []bool{false, true} {
			if _, err := check.Identify(ctx, one, authn.Request{Now: time.Now(), InQuery: inQuery}); err == nil {
				t.Errorf("%s opens the API", name)
			}
		}
		if _, err := check.Inspect(ctx, one, nil, time.Now()); err == nil {
			t.Errorf("%s is active", name)
		}
		if _, err := d.Tokens.Verify(ctx, one, token.Refresh); err == nil {
			t.Errorf("%s refreshes", name)
		}
	}
	s, c := d.Complete("192.0.2.7", challenge, mfa.Given{Code: "000000"})
	d.is("a challenge for an mfa_token", s, c, 401, "TOKEN_INVALID")
}

func TestAGuesserOfCodesWaitsAndTheOwnerDoesNot(t *testing.T) {
	d := newDoor(t)
	expect.Same(t, "the token of the first login", d.Enter("192.0.2.7"), "")
	secret, _ := d.App()
	for i := range 6 { // from as many addresses as they like
		address := "198.51.100." + string(rune('1'+i))
		want, wantCode := 401, "INVALID_CREDENTIALS"
		if i == 5 {
			want, wantCode = 429, "RATE_LIMIT_EXCEEDED"
		}
		s, c := d.Complete(address, d.Enter(address), mfa.Given{Code: "000000"})
		d.is("a guess", s, c, want, wantCode)
	}
	s, c := d.Complete("192.0.2.7", d.Enter("192.0.2.7"), mfa.Given{Code: mfatest.Code(t, secret, 0)})
	d.is("the owner, where the account knows them", s, c, 204, "")
}

// TestRemovalDuringALoginLeavesNothingHalfDone plays logins that are completed while their factor is
// removed. Whichever comes first, a session that was opened used a factor that was there, and a login that
// came second is refused.
func TestRemovalDuringALoginLeavesNothingHalfDone(t *testing.T) {
	for range 5 {
		d := newDoor(t)
		secret, _ := d.App()
		raw := d.Enter("192.0.2.7")
		u, set := d.Reread()
		var all sync.WaitGroup
		var status int
		var errRemove error
		all.Go(func() { status, _ = d.Complete("192.0.2.7", raw, mfa.Given{Code: mfatest.Code(t, secret, 0)}) })
		all.Go(func() {
			errRemove = d.Store.RemoveFactor(ctx, u, set, set.Factors[0], d.Proof(), storetest.Entry(audit.FactorRemoved))
		})
		all.Wait()
		d.Must(errRemove) // nothing that a login does keeps a factor from being removed
		if status != 204 && status != 401 {
			t.Errorf("the login: status %d", status)
		}
		after, left := d.Reread()
		expect.Same(t, "the mark of the factors", after.Factors, "")
		expect.Same(t, "the factors and codes that are left", len(left.Factors)+len(left.Codes), 0)
		expect.Same(t, "the token of the next login", d.Enter("192.0.2.7"), "")
	}
}

func TestASessionWithoutAFreshProofChangesNoFactor(t *testing.T) {
	d := newDoor(t)
	d.App()
	u, set := d.Reread()
	for name, proof := range map[string]store.Proof{
		"eleven minutes later": {Session: d.Session.ID, UserID: u.ID, Now: time.Now().Add(11 * time.Minute)},
		"another session":      {Session: "ses_AAAAAAAAAAAAAAAAAAAAAAAAAA", UserID: u.ID, Now: time.Now()},
		"another user":         {Session: d.Session.ID, UserID: "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", Now: time.Now()},
	} {
		if err := d.Store.RemoveFactor(ctx, u, set, set.Factors[0], proof, storetest.Entry(audit.FactorRemoved)); err == nil {
			t.Errorf("%s: the factor was removed", name)
		}
		if err := d.Store.ReplaceCodes(ctx, u, []string{"1:x"}, proof, storetest.Entry(audit.CodesMade)); err == nil {
			t.Errorf("%s: the codes were replaced", name)
		}
	}
}

func TestTheLogSaysThatAFactorWasWrongAndThatARecoveryCodeWasUsed(t *testing.T) {
	d := newDoor(t)
	secret, codes := d.App()
	k := d.Passkey()
	now := mfatest.Code(t, secret, 0)
	for _, g := range []mfa.Given{{Code: "000000"}, {Code: now}, {Code: now}, {RecoveryCode: codes[0]}} {
		d.Complete("192.0.2.7", d.Enter("192.0.2.7"), g)
	}
	raw, challenge, err := mfa.NewChallenge(ctx, d.Tokens, mfa.SignIn, time.Now())
	d.Must(err)
	status, _ := d.alone(raw, d.Sign(k, elsewhere, challenge))
	expect.Same(t, "a passkey for another page: status", status, 401)
	expect.Same(t, "the log", storetest.Said(t, d.Store, d.User.ID), "created; factor_added; factor_added; recovery_code_used; "+
		"sign_in_refused: the second factor was wrong, 3; signed_in; signed_in; signed_in")
}

func TestTheLogSaysThatADisabledAccountWasRefused(t *testing.T) {
	d := newDoor(t)
	secret, _ := d.App()
	k := d.Passkey()
	begun := d.Enter("192.0.2.7")
	raw, challenge, err := mfa.NewChallenge(ctx, d.Tokens, mfa.SignIn, time.Now())
	d.Must(err)
	boss, yes := user.New("root@example.com", user.Admin, time.Now()), true
	d.Must(d.Store.CreateUser(ctx, boss, "hash", storetest.Entry(audit.Registered)))
	_, err = d.Store.ChangeUser(ctx, boss.ID, d.User.ID, store.Change{Disabled: &yes}, storetest.Entry, time.Now())
	d.Must(err)
	s, c := d.Complete("192.0.2.7", begun, mfa.Given{Code: mfatest.Code(t, secret, 0)})
	d.is("the second step", s, c, 403, "ACCOUNT_DISABLED")
	s, c = d.alone(raw, d.Sign(k, mfatest.Here, challenge))
	d.is("a passkey alone", s, c, 403, "ACCOUNT_DISABLED")
	expect.Same(t, "the log", storetest.Said(t, d.Store, d.User.ID), "created; disabled; factor_added; factor_added; "+
		"sign_in_refused: the account is disabled, 2; signed_in")
}
