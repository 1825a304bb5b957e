package mfatest

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/descope/virtualwebauthn"

	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/passkey/passkeytest"
)

// A Key is an authenticator with one passkey, as software that nobody here wrote.
type Key struct {
	Authenticator virtualwebauthn.Authenticator
	Credential    virtualwebauthn.Credential
}

// Here is the page of the deployment.
var Here = virtualwebauthn.RelyingParty{ID: Domain, Name: "Latchkey", Origin: Origin}

// NewKey makes an authenticator that says whose it is.
func NewKey(userID string) *Key {
	return &Key{
		virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(userID)}),
		passkeytest.Credential(),
	}
}

// Make is the authenticator's answer to the options of a new passkey, on a page.
func (k *Key) Make(t *testing.T, at virtualwebauthn.RelyingParty, options any) json.RawMessage {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAttestationOptions(text(t, options))
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(virtualwebauthn.CreateAttestationResponse(at, k.Authenticator, k.Credential, *parsed))
}

// Sign is the authenticator's answer to the options that ask for the passkey, on a page. Its counter grows.
func (k *Key) Sign(t *testing.T, at virtualwebauthn.RelyingParty, options any) json.RawMessage {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAssertionOptions(text(t, options))
	if err != nil {
		t.Fatal(err)
	}
	k.Credential.Counter++
	return json.RawMessage(virtualwebauthn.CreateAssertionResponse(at, k.Authenticator, k.Credential, *parsed))
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Passkey registers a passkey.
func (d *Door) Passkey() *Key {
	d.Helper()
	k := NewKey(d.User.ID)
	if status, _ := d.Register(k, Here); status != 204 {
		d.Fatalf("the registration of a passkey: status %d", status)
	}
	return k
}

// Register registers the passkey of a key on a page. It returns the status and the error code.
func (d *Door) Register(k *Key, at virtualwebauthn.RelyingParty) (status int, code string) {
	d.Helper()
	a := d.Serve("", func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		u, set := d.Reread()
		f := factor.Begin(u.ID, factor.Passkey, "key", d.Session.ID, r.Now)
		options, challenge, err := d.Party.Creation(r, u, set)
		d.Must(err)
		f.Challenge = challenge
		d.Must(d.Store.BeginFactor(ctx, f, d.Proof()))
		f, err = d.Party.Register(r, u, f, k.Make(d.T, at, options))
		if err != nil {
			return gateway.Response{}, mfa.ErrWrong
		}
		d.Confirm(f)
		return gateway.NoContent(), nil
	})
	if a.Status != 204 {
		code = a.Code(d.T)
	}
	return a.Status, code
}

// Sign is a key's answer to a challenge, on a page.
func (d *Door) Sign(k *Key, at virtualwebauthn.RelyingParty, challenge string) mfa.Given {
	d.Helper()
	var given mfa.Given
	d.Serve("", func(_ context.Context, r *gateway.Request) (gateway.Response, error) {
		_, set := d.Reread()
		options, err := d.Party.Request(r, challenge, set)
		d.Must(err)
		given.Credential = k.Sign(d.T, at, options)
		return gateway.NoContent(), nil
	})
	return given
}
