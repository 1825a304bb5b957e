package mfa_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/shared/user"
)

const (
	email, right = "ann@example.com", "correct horse"
	domain       = "localhost"
	origin       = "http://localhost:4566"
)

var ctx = context.Background()

// hash is of the password, made once.
var hash = func() string {
	h, err := password.Minimum.Hash(right)
	if err != nil {
		panic(err)
	}
	return h
}()

// A door is where one user, Ann, signs in.
type door struct {
	t       *testing.T
	store   *store.Store
	user    user.User
	vault   factor.Vault
	party   passkey.Party
	tokens  *token.Authority
	login   *login.Login
	second  *mfa.Login
	session session.Session // one of Ann's, which has proven who she is
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{t: t, store: storetest.New(t), user: user.New(email, user.Member, time.Now()), vault: factor.NewVault(secrettest.Source()),
		party: passkey.New(domain, origin), tokens: tokentest.Authority(t)}
	d.login = login.New(d.store, ratelimit.Limits{Window: 24 * time.Hour, Account: 20}, password.Minimum, time.Hour)
	d.second = mfa.NewLogin(mfa.NewChecker(d.store, d.vault, d.party, time.Hour), d.tokens, 0)
	d.must(d.store.CreateUser(ctx, d.user, hash, audit.New(audit.Created, audit.Source{Now: time.Now()}, time.Hour)))
	d.session = session.New(d.user, time.Hour, "192.0.2.7", "test", time.Now())
	d.must(d.store.CreateSession(ctx, d.session, audit.New(audit.SignedIn, audit.Source{Now: time.Now()}, time.Hour)))
	d.must(d.store.ProveSession(ctx, d.session.ID, d.user.ID, "", nil, time.Now()))
	return d
}

func (d *door) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// serve runs a handler for a request from an address.
func (d *door) serve(address string, h gateway.PublicHandler) gatewaytest.Answer {
	d.t.Helper()
	return gatewaytest.Do(d.t, gateway.Unlimited(h), gatewaytest.Call{Method: "POST", Resource: "/login", Address: address})
}

// enter logs in with the password. It returns the mfa_token, or "" for a whole login.
func (d *door) enter(address string) string {
	d.t.Helper()
	a := d.serve(address, func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		_, _, err := d.login.Do(ctx, r, login.Given{Email: email, Password: right}, time.Hour)
		if err != nil {
			return login.Unfinished(ctx, r, d.tokens, login.OneToken, err)
		}
		return gateway.NoContent(), nil
	})
	if a.Status == 204 {
		return ""
	}
	raw, _ := a.JSON(d.t)["mfa_token"].(string)
	return raw
}

// complete brings the second step. It returns the status and the error code.
func (d *door) complete(address, raw string, g mfa.Given) (int, string) {
	d.t.Helper()
	a := d.serve(address, func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		b, err := d.second.Begun(ctx, r, raw)
		if err != nil {
			return gateway.Response{}, err
		}
		_, err = d.second.Complete(ctx, r, b, g, time.Hour)
		return gateway.NoContent(), err
	})
	if a.Status < 300 {
		return a.Status, ""
	}
	return a.Status, a.Code(d.t)
}

func (d *door) proof() store.Proof {
	return store.Proof{Session: d.session.ID, UserID: d.user.ID, Now: time.Now()}
}

func (d *door) reread() (user.User, factor.Set) {
	d.t.Helper()
	u, err := d.store.User(ctx, d.user.ID)
	d.must(err)
	set, err := d.store.Factors(ctx, d.user.ID, time.Now())
	d.must(err)
	return u, set
}

// confirm makes a pending factor one of Ann's. It returns the recovery codes that come with the first.
func (d *door) confirm(f factor.Factor) (codes []string) {
	d.t.Helper()
	u, set := d.reread()
	var hashes []string
	if u.Factors == "" {
		codes = factor.NewCodes()
		var err error
		hashes, err = d.vault.Hashes(ctx, u.ID, codes)
		d.must(err)
	}
	d.must(d.store.ConfirmFactor(ctx, u, set, f, hashes, d.proof(), storetest.Entry(audit.FactorAdded)))
	return codes
}

// app adds an authenticator app, whose last code was one of two steps ago.
func (d *door) app() (secret string, codes []string) {
	d.t.Helper()
	plain := factor.NewSecret()
	f := factor.Begin(d.user.ID, factor.TOTP, "app", d.session.ID, time.Now())
	var err error
	f.Secret, err = d.vault.Seal(ctx, f, plain)
	d.must(err)
	d.must(d.store.BeginFactor(ctx, f, d.proof()))
	return factor.Base32(plain), d.confirm(f)
}

// code is what the app shows, by a library that nobody here wrote. steps is how many codes later.
func code(t *testing.T, secret string, steps int) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A key is an authenticator with one passkey, as software.
type key struct {
	authenticator virtualwebauthn.Authenticator
	credential    virtualwebauthn.Credential
}

var here = virtualwebauthn.RelyingParty{ID: domain, Name: "Latchkey", Origin: origin}

func newKey(userID string) *key {
	return &key{
		virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(userID)}),
		virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2),
	}
}

// passkey registers a passkey.
func (d *door) passkey() *key {
	d.t.Helper()
	k := newKey(d.user.ID)
	if status, _ := d.register(k, here); status != 204 {
		d.t.Fatalf("the registration of a passkey: status %d", status)
	}
	return k
}

func (d *door) register(k *key, at virtualwebauthn.RelyingParty) (status int, code string) {
	d.t.Helper()
	a := d.serve("", func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		u, set := d.reread()
		f := factor.Begin(u.ID, factor.Passkey, "key", d.session.ID, r.Now)
		options, challenge, err := d.party.Creation(r, u, set)
		d.must(err)
		f.Challenge = challenge
		d.must(d.store.BeginFactor(ctx, f, d.proof()))
		parsed, err := virtualwebauthn.ParseAttestationOptions(text(d.t, options))
		d.must(err)
		f, err = d.party.Register(r, u, f, json.RawMessage(virtualwebauthn.CreateAttestationResponse(at, k.authenticator, k.credential, *parsed)))
		if err != nil {
			return gateway.Response{}, mfa.ErrWrong
		}
		d.confirm(f)
		return gateway.NoContent(), nil
	})
	if a.Status != 204 {
		code = a.Code(d.t)
	}
	return a.Status, code
}

// sign is the authenticator's answer to a challenge.
func (d *door) sign(k *key, at virtualwebauthn.RelyingParty, challenge string) mfa.Given {
	d.t.Helper()
	var answer string
	d.serve("", func(_ context.Context, r *gateway.Request) (gateway.Response, error) {
		_, set := d.reread()
		options, err := d.party.Request(r, challenge, set)
		d.must(err)
		parsed, err := virtualwebauthn.ParseAssertionOptions(text(d.t, options))
		d.must(err)
		k.credential.Counter++
		answer = virtualwebauthn.CreateAssertionResponse(at, k.authenticator, k.credential, *parsed)
		return gateway.NoContent(), nil
	})
	return mfa.Given{Credential: json.RawMessage(answer)}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// challengeOf is what a passkey must sign for a token of ours.
func (d *door) challengeOf(raw string) string {
	d.t.Helper()
	claims, err := d.tokens.Verify(ctx, raw, token.MFA, token.Challenge)
	d.must(err)
	return passkey.ChallengeOf(claims.RegisteredClaims.ID)
}
