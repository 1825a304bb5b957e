package mfa_test

import (
	"context"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

var elsewhere = virtualwebauthn.RelyingParty{ID: domain, Name: "Latchkey", Origin: "https://latchkey.example.net"}

// alone signs in with a passkey and the token of its challenge.
func (d *door) alone(raw string, g mfa.Given) (int, string) {
	d.t.Helper()
	a := d.serve("192.0.2.7", func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		_, _, err := d.second.Alone(ctx, r, raw, g.Credential, time.Hour)
		return gateway.NoContent(), err
	})
	if a.Status < 300 {
		return a.Status, ""
	}
	return a.Status, a.Code(d.t)
}

func (d *door) challenge(subject string) string {
	d.t.Helper()
	raw, _, err := mfa.NewChallenge(ctx, d.tokens, subject, time.Now())
	d.must(err)
	return raw
}

func TestAPasskeyCompletesALoginAndSignsInAlone(t *testing.T) {
	d := newDoor(t)
	k := d.passkey()
	raw := d.enter("192.0.2.7")
	answer := d.sign(k, here, d.challengeOf(raw))
	s, c := d.complete("192.0.2.7", raw, answer)
	d.is("the second step", s, c, 204, "")
	s, c = d.complete("192.0.2.7", raw, answer)
	d.is("the same answer", s, c, 401, "INVALID_CREDENTIALS")

	alone := d.challenge(mfa.SignIn)
	answer = d.sign(k, here, d.challengeOf(alone))
	s, c = d.alone(alone, answer)
	d.is("alone", s, c, 204, "")
	s, c = d.alone(alone, d.sign(k, here, d.challengeOf(alone)))
	d.is("the same challenge", s, c, 401, "TOKEN_INVALID")
}

func TestAPasskeysAnswerIsBoundToItsChallengeOriginAndUser(t *testing.T) {
	d := newDoor(t)
	k := d.passkey()
	first, second := d.enter("192.0.2.7"), d.enter("192.0.2.7")
	s, c := d.complete("192.0.2.7", second, d.sign(k, here, d.challengeOf(first)))
	d.is("the challenge of another login", s, c, 401, "INVALID_CREDENTIALS")
	s, c = d.complete("192.0.2.7", first, d.sign(k, elsewhere, d.challengeOf(first)))
	d.is("another origin", s, c, 401, "INVALID_CREDENTIALS")
	mallory := newKey(d.user.ID)
	s, c = d.complete("192.0.2.7", first, d.sign(mallory, here, d.challengeOf(first)))
	d.is("another key", s, c, 401, "INVALID_CREDENTIALS")

	own := d.challenge(d.session.ID) // for a proof in Ann's session
	s, c = d.alone(own, d.sign(k, here, d.challengeOf(own)))
	d.is("a challenge for another purpose", s, c, 401, "TOKEN_INVALID")
	alone := d.challenge(mfa.SignIn)
	k.authenticator.Options.UserHandle = []byte("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA")
	s, c = d.alone(alone, d.sign(k, here, d.challengeOf(alone)))
	d.is("another user", s, c, 401, "INVALID_CREDENTIALS")

	s, c = d.register(newKey(d.user.ID), elsewhere)
	d.is("a registration from another origin", s, c, 401, "INVALID_CREDENTIALS")
}

func TestACopiedAuthenticatorIsRefusedAndShown(t *testing.T) {
	d := newDoor(t)
	k := d.passkey()
	copied := *k // it has the same key, and goes on counting by itself
	raw := d.enter("192.0.2.7")
	d.sign(k, here, d.challengeOf(raw))
	s, c := d.complete("192.0.2.7", raw, d.sign(k, here, d.challengeOf(raw)))
	d.is("the authenticator", s, c, 204, "")
	raw = d.enter("192.0.2.7")
	s, c = d.complete("192.0.2.7", raw, d.sign(&copied, here, d.challengeOf(raw)))
	d.is("its copy", s, c, 401, "INVALID_CREDENTIALS")
	_, set := d.reread()
	expect.Same(t, "the list shows it", set.Factors[0].View().CopiedAt != nil, true)
}

func TestARemovedPasskeySignsInNobody(t *testing.T) {
	d := newDoor(t)
	d.app()
	k := d.passkey()
	u, set := d.reread()
	for _, f := range set.Confirmed("passkey") {
		d.must(d.store.RemoveFactor(ctx, u, set, f, d.proof(), storetest.Entry(audit.FactorRemoved)))
	}
	alone := d.challenge(mfa.SignIn)
	s, c := d.alone(alone, d.sign(k, here, d.challengeOf(alone)))
	d.is("the removed passkey", s, c, 401, "INVALID_CREDENTIALS")
}

// An authenticator that did not verify its user is a second factor, and no more.
func TestAPasskeyAloneNeedsAVerifiedUser(t *testing.T) {
	d := newDoor(t)
	k := d.passkey()
	k.authenticator.Options.UserNotVerified = true
	alone := d.challenge(mfa.SignIn)
	s, c := d.alone(alone, d.sign(k, here, d.challengeOf(alone)))
	d.is("alone", s, c, 401, "INVALID_CREDENTIALS")
	raw := d.enter("192.0.2.7")
	s, c = d.complete("192.0.2.7", raw, d.sign(k, here, d.challengeOf(raw)))
	d.is("after the password", s, c, 204, "")
}
