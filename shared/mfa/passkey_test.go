package mfa_test

import (
	"context"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/mfa/mfatest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

var elsewhere = virtualwebauthn.RelyingParty{ID: mfatest.Domain, Name: "Latchkey", Origin: "https://latchkey.example.net"}

// alone signs in with a passkey and the token of its challenge.
func (d door) alone(raw string, g mfa.Given) (int, string) {
	d.T.Helper()
	a := d.Serve("192.0.2.7", func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		_, _, err := d.Second.Alone(ctx, r, raw, g.Credential, time.Hour)
		return gateway.NoContent(), err
	})
	if a.Status < 300 {
		return a.Status, ""
	}
	return a.Status, a.Code(d.T)
}

func (d door) challenge(subject string) string {
	d.T.Helper()
	raw, _, err := mfa.NewChallenge(ctx, d.Tokens, subject, time.Now())
	d.Must(err)
	return raw
}

func TestAPasskeyCompletesALoginAndSignsInAlone(t *testing.T) {
	d := newDoor(t)
	k := d.Passkey()
	raw := d.Enter("192.0.2.7")
	answer := d.Sign(k, mfatest.Here, d.ChallengeOf(raw))
	s, c := d.Complete("192.0.2.7", raw, answer)
	d.is("the second step", s, c, 204, "")
	s, c = d.Complete("192.0.2.7", raw, answer)
	d.is("the same answer", s, c, 401, "INVALID_CREDENTIALS")

	alone := d.challenge(mfa.SignIn)
	answer = d.Sign(k, mfatest.Here, d.ChallengeOf(alone))
	s, c = d.alone(alone, answer)
	d.is("alone", s, c, 204, "")
	s, c = d.alone(alone, d.Sign(k, mfatest.Here, d.ChallengeOf(alone)))
	d.is("the same challenge", s, c, 401, "TOKEN_INVALID")
}

func TestAPasskeysAnswerIsBoundToItsChallengeOriginAndUser(t *testing.T) {
	d := newDoor(t)
	k := d.Passkey()
	first, second := d.Enter("192.0.2.7"), d.Enter("192.0.2.7")
	s, c := d.Complete("192.0.2.7", second, d.Sign(k, mfatest.Here, d.ChallengeOf(first)))
	d.is("the challenge of another login", s, c, 401, "INVALID_CREDENTIALS")
	s, c = d.Complete("192.0.2.7", first, d.Sign(k, elsewhere, d.ChallengeOf(first)))
	d.is("another origin", s, c, 401, "INVALID_CREDENTIALS")
	mallory := mfatest.NewKey(d.User.ID)
	s, c = d.Complete("192.0.2.7", first, d.Sign(mallory, mfatest.Here, d.ChallengeOf(first)))
	d.is("another key", s, c, 401, "INVALID_CREDENTIALS")

	own := d.challenge(d.Session.ID) // for a proof in Ann's session
	s, c = d.alone(own, d.Sign(k, mfatest.Here, d.ChallengeOf(own)))
	d.is("a challenge for another purpose", s, c, 401, "TOKEN_INVALID")
	alone := d.challenge(mfa.SignIn)
	k.Authenticator.Options.UserHandle = []byte("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA")
	s, c = d.alone(alone, d.Sign(k, mfatest.Here, d.ChallengeOf(alone)))
	d.is("another user", s, c, 401, "INVALID_CREDENTIALS")

	s, c = d.Register(mfatest.NewKey(d.User.ID), elsewhere)
	d.is("a registration from another origin", s, c, 401, "INVALID_CREDENTIALS")
}

func TestACopiedAuthenticatorIsRefusedAndShown(t *testing.T) {
	d := newDoor(t)
	k := d.Passkey()
	copied := *k // it has the same key, and goes on counting by itself
	raw := d.Enter("192.0.2.7")
	d.Sign(k, mfatest.Here, d.ChallengeOf(raw))
	s, c := d.Complete("192.0.2.7", raw, d.Sign(k, mfatest.Here, d.ChallengeOf(raw)))
	d.is("the authenticator", s, c, 204, "")
	raw = d.Enter("192.0.2.7")
	s, c = d.Complete("192.0.2.7", raw, d.Sign(&copied, mfatest.Here, d.ChallengeOf(raw)))
	d.is("its copy", s, c, 401, "INVALID_CREDENTIALS")
	_, set := d.Reread()
	expect.Same(t, "the list shows it", set.Factors[0].View().CopiedAt != nil, true)
}

func TestARemovedPasskeySignsInNobody(t *testing.T) {
	d := newDoor(t)
	d.App()
	k := d.Passkey()
	u, set := d.Reread()
	for _, f := range set.Confirmed("passkey") {
		d.Must(d.Store.RemoveFactor(ctx, u, set, f, d.Proof(), storetest.Entry(audit.FactorRemoved)))
	}
	alone := d.challenge(mfa.SignIn)
	s, c := d.alone(alone, d.Sign(k, mfatest.Here, d.ChallengeOf(alone)))
	d.is("the removed passkey", s, c, 401, "INVALID_CREDENTIALS")
}

// An authenticator that did not verify its user is a second factor, and no more.
func TestAPasskeyAloneNeedsAVerifiedUser(t *testing.T) {
	d := newDoor(t)
	k := d.Passkey()
	k.Authenticator.Options.UserNotVerified = true
	alone := d.challenge(mfa.SignIn)
	s, c := d.alone(alone, d.Sign(k, mfatest.Here, d.ChallengeOf(alone)))
	d.is("alone", s, c, 401, "INVALID_CREDENTIALS")
	raw := d.Enter("192.0.2.7")
	s, c = d.Complete("192.0.2.7", raw, d.Sign(k, mfatest.Here, d.ChallengeOf(raw)))
	d.is("after the password", s, c, 204, "")
}
