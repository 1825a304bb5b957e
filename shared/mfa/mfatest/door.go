// Package mfatest has the person of tests of second factors: Ann, with what she signs in at, an authenticator
// app and passkeys.
package mfatest

import (
	"context"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/password/passwordtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/shared/user"
)

// Ann's address and password, and where her passkeys are good.
const (
	Email, Password = "ann@example.com", "correct horse"
	Domain          = "localhost"
	Origin          = "http://localhost:4566"
)

var ctx = context.Background()

// hash is of the password, made once.
var hash = func() string {
	h, err := passwordtest.Cost.Hash(Password)
	if err != nil {
		panic(err)
	}
	return h
}()

// A Door is where Ann signs in.
type Door struct {
	*testing.T
	Store   *store.Store
	User    user.User
	Vault   factor.Vault
	Party   passkey.Party
	Tokens  *token.Authority
	Login   *login.Login
	Second  *mfa.Login
	Session session.Session // one of Ann's, which has proven who she is
}

// New makes Ann, who has no second factor.
func New(t *testing.T) *Door {
	t.Helper()
	d := &Door{
		T: t, Store: storetest.New(t), User: user.New(Email, user.Member, time.Now()), Vault: factor.NewVault(secrettest.Source()),
		Party: passkey.New(Domain, Origin), Tokens: tokentest.Authority(t),
	}
	d.Login = login.New(d.Store, ratelimit.Limits{Window: 24 * time.Hour, Account: 20}, passwordtest.Cost, time.Hour)
	d.Second = mfa.NewLogin(d.Checker(), d.Tokens, 0)
	d.Must(d.Store.CreateUser(ctx, d.User, hash, audit.New(audit.Created, audit.Source{Now: time.Now()}, time.Hour)))
	d.Session = d.SignIn(d.User)
	d.Must(d.Store.ProveSession(ctx, d.Session.ID, d.User.ID, "", nil, time.Now()))
	return d
}

// Checker checks the factors.
func (d *Door) Checker() mfa.Checker { return mfa.NewChecker(d.Store, d.Vault, d.Party, time.Hour) }

// SignIn opens a session of somebody, which has proven nothing.
func (d *Door) SignIn(u user.User) session.Session {
	d.Helper()
	ses := session.New(u, time.Hour, "192.0.2.7", "test", time.Now())
	d.Must(d.Store.CreateSession(ctx, ses, audit.New(audit.SignedIn, audit.Source{Now: time.Now()}, time.Hour)))
	return ses
}

// Must fails the test for an error.
func (d *Door) Must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// Serve runs a handler for a request from an address.
func (d *Door) Serve(address string, h gateway.PublicHandler) gatewaytest.Answer {
	d.Helper()
	return gatewaytest.Do(d.T, gateway.Unlimited(h), gatewaytest.Call{Method: "POST", Resource: "/login", Address: address})
}

// Enter logs in with the password. It returns the mfa_token, or "" for a whole login.
func (d *Door) Enter(address string) string { return d.EnterBy(login.OneToken, address) }

// EnterBy is Enter in a dialect.
func (d *Door) EnterBy(dialect, address string) string {
	d.Helper()
	a := d.Serve(address, func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		_, _, err := d.Login.Do(ctx, r, login.Given{Email: Email, Password: Password}, time.Hour)
		if err != nil {
			return login.Unfinished(ctx, r, d.Tokens, dialect, err)
		}
		return gateway.NoContent(), nil
	})
	if a.Status == 204 {
		return ""
	}
	raw, _ := a.JSON(d.T)["mfa_token"].(string)
	return raw
}

// Complete brings the second step. It returns the status and the error code.
func (d *Door) Complete(address, raw string, g mfa.Given) (int, string) {
	d.Helper()
	a := d.Serve(address, func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		b, err := d.Second.Begun(ctx, r, raw)
		if err != nil {
			return gateway.Response{}, err
		}
		_, err = d.Second.Complete(ctx, r, b, g, time.Hour)
		return gateway.NoContent(), err
	})
	if a.Status < 300 {
		return a.Status, ""
	}
	return a.Status, a.Code(d.T)
}

// Proof is that of Ann's session.
func (d *Door) Proof() store.Proof {
	d.Helper()
	u, err := d.Store.User(ctx, d.User.ID)
	d.Must(err)
	return store.Proof{Session: d.Session.ID, UserID: u.ID, Factors: u.Factors, Now: time.Now()}
}

// Reread reads Ann and her factors.
func (d *Door) Reread() (user.User, factor.Set) {
	d.Helper()
	u, err := d.Store.User(ctx, d.User.ID)
	d.Must(err)
	set, err := d.Store.Factors(ctx, d.User.ID, time.Now())
	d.Must(err)
	return u, set
}

// Confirm makes a pending factor one of Ann's. It returns the recovery codes that come with the first.
func (d *Door) Confirm(f factor.Factor) (codes []string) {
	d.Helper()
	u, set := d.Reread()
	var hashes []string
	if u.Factors == "" {
		codes = factor.NewCodes()
		var err error
		hashes, err = d.Vault.Hashes(ctx, u.ID, codes)
		d.Must(err)
	}
	d.Must(d.Store.ConfirmFactor(ctx, u, set, f, hashes, d.Proof(), storetest.Entry(audit.FactorAdded)))
	return codes
}

// App adds an authenticator app, no code of which was used yet.
func (d *Door) App() (secret string, codes []string) {
	d.Helper()
	plain := factor.NewSecret()
	f := factor.Begin(d.User.ID, factor.TOTP, "app", d.Session.ID, time.Now())
	var err error
	f.Secret, err = d.Vault.Seal(ctx, f, plain)
	d.Must(err)
	d.Must(d.Store.BeginFactor(ctx, f, d.Proof()))
	return factor.Base32(plain), d.Confirm(f)
}

// Code is what the app shows, by a library that nobody here wrote. steps is how many codes later.
func Code(t *testing.T, secret string, steps int) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ChallengeOf is what a passkey must sign for a token of ours.
func (d *Door) ChallengeOf(raw string) string {
	d.Helper()
	claims, err := d.Tokens.Verify(ctx, raw, token.MFA, token.Challenge)
	d.Must(err)
	return passkey.ChallengeOf(claims.RegisteredClaims.ID)
}

// Answers are the answers to a login that is complete.
func (d *Door) Answers() mfa.Answers {
	return mfa.Answers{Issuer: session.Issuer{Tokens: d.Tokens, Access: time.Hour, Refresh: 720 * time.Hour, Family: 4320 * time.Hour}, Token: 168 * time.Hour}
}
