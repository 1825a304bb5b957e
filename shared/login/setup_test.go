package login_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// enter logs in from an address, as an endpoint does.
func (d door) enter(tokens *token.Authority, address string) gatewaytest.Answer {
	d.t.Helper()
	f := gateway.Unlimited(func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		if _, _, err := d.login.Do(ctx, r, login.Given{Email: ann, Password: right}, time.Hour); err != nil {
			return login.Unfinished(ctx, r, tokens, login.OneToken, err)
		}
		return gateway.NoContent(), nil
	})
	return gatewaytest.Do(d.t, f, gatewaytest.Call{Method: "POST", Resource: "/login", Address: address})
}

// promote gives Ann a role, as another administrator does.
func (d door) promote(role string) {
	d.t.Helper()
	root := user.New("root@example.com", user.Admin, time.Now())
	if err := d.store.CreateUser(d.t.Context(), root, "hash", storetest.Entry("registered")); err != nil {
		d.t.Fatal(err)
	}
	found, err := d.store.Login(d.t.Context(), ann)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.store.ChangeUser(d.t.Context(), root.ID, found.UserID, store.Change{Role: role}, storetest.Entry, time.Now()); err != nil {
		d.t.Fatal(err)
	}
}

func TestTheRuleSaysWhoSetsASecondFactorUp(t *testing.T) {
	tokens := tokentest.Authority(t)
	for _, one := range []struct {
		rule   factor.Rule
		role   string
		status int
	}{
		{factor.Nobody, user.Admin, 204}, {"", user.Admin, 204}, {factor.Administrators, user.Member, 204},
		{factor.Administrators, user.Admin, 200}, {factor.Everybody, user.Admin, 200}, {factor.Everybody, user.Member, 200},
	} {
		d := newDoor(t)
		d.login.Requiring(one.rule)
		if one.role == user.Admin {
			d.promote(user.Admin)
		}
		a := d.enter(tokens, home)
		expect.Same(t, string(one.rule)+", "+one.role+": status", a.Status, one.status)
		if a.Status == 200 {
			expect.Same[any](t, "mfa_setup_required", a.JSON(t)["mfa_setup_required"], true)
		}
	}
}

func TestATokenToSetUpASecondFactorIsNoOtherToken(t *testing.T) {
	d, tokens := newDoor(t), tokentest.Authority(t)
	d.login.Requiring(factor.Everybody)
	body := d.enter(tokens, home).JSON(t)
	expect.Same[any](t, "expires_in", body["expires_in"], 600.0)
	for _, name := range []string{"token", "access_token", "refresh_token", "mfa_token"} {
		expect.Same[any](t, name, body[name], nil)
	}
	raw := body["mfa_setup_token"].(string)
	check := authn.New(d.store, tokens, secrettest.Source(), nil)
	identity, err := check.Identify(t.Context(), raw, authn.Request{Now: time.Now()})
	expect.Same(t, "the error", err, nil)
	expect.Same(t, "it may set a factor up alone", identity.SetsUp(), true)
	expect.Same(t, "its scopes", identity.Scopes.String(), "")
	_, err = check.Identify(t.Context(), raw, authn.Request{Now: time.Now(), InQuery: true})
	expect.Same(t, "it is good in the query", err == nil, false)
	_, err = check.Inspect(t.Context(), raw, nil, time.Now())
	expect.Same(t, "a server is told that it is active", err == nil, false)
	for _, kind := range []token.Type{token.Session, token.Access, token.Refresh, token.MFA} {
		_, err := tokens.Verify(t.Context(), raw, kind)
		expect.Same(t, "it is a token of type "+string(kind), err == nil, false)
	}
	_, err = check.Identify(t.Context(), raw, authn.Request{Now: time.Now().Add(11 * time.Minute)})
	expect.Same(t, "it is good after eleven minutes", err == nil, false)
}

// Only a login that is completed lets the account know the address, where guesses of others do not count.
func TestALoginThatSetsAFactorUpMakesNoAddressKnown(t *testing.T) {
	d, tokens := newDoor(t), tokentest.Authority(t)
	d.login.Requiring(factor.Everybody)
	for range allowance - 1 {
		expect.Same(t, "status", d.enter(tokens, attacker).Status, 200)
	}
	d.guessed(ann)
	a := d.enter(tokens, attacker)
	expect.Same(t, "after guesses of others: status", a.Status, 429)
}

func TestTheLogSaysThatASignInWasToAddAFactor(t *testing.T) {
	d, tokens := newDoor(t), tokentest.Authority(t)
	d.login.Requiring(factor.Everybody)
	d.enter(tokens, home)
	found, err := d.store.Login(t.Context(), ann)
	expect.Same(t, "the error", err, nil)
	log, _, err := d.store.AccountLog(t.Context(), found.UserID, store.Page{Limit: 1}, time.Now())
	expect.Same(t, "the error of the log", err, nil)
	expect.Same(t, "the entry says it", strings.Contains(log[0].Detail["only"], "second factor"), true)
}
