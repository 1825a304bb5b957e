//go:build e2e

package e2e

import (
	"context"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
	"github.com/latchkey/latchkey/tests/invoke"
)

// requireFactor gives the deployment the parameter RequireFactor until the test ends.
func requireFactor(t *testing.T, whose string) {
	t.Helper()
	needs(t, theLambda)
	for _, function := range []string{"AuthLoginFunction", "TokensLoginFunction", "TokensRefreshFunction", "FactorsDeleteFunction"} {
		restore, err := invoke.Set(t.Context(), awsConfig(t), function, "REQUIRE_FACTOR", whose)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := restore(context.Background()); err != nil {
				t.Errorf("%s keeps the parameter: %v", function, err)
			}
		})
	}
}

type toSetUp struct {
	Required bool     `json:"mfa_setup_required"`
	Token    string   `json:"mfa_setup_token"`
	Methods  []string `json:"methods"`
}

func TestWhoMustHaveASecondFactorAddsOneBeforeAnythingElse(t *testing.T) {
	p := signedIn(t)
	before := logInForPair(t, p.Email, p.password)
	key := newKey(t, p.token, nil)
	requireFactor(t, "all")

	get(t, key.Key, "/v1/auth/me").is(t, 200)
	get(t, p.token, "/v1/auth/me").is(t, 200) // until the session ends
	get(t, before.AccessToken, "/v1/auth/me").is(t, 200)
	refresh(t, before.RefreshToken).refused(t, 401, "TOKEN_INVALID")
	get(t, before.AccessToken, "/v1/auth/me").refused(t, 401, "TOKEN_INVALID")

	var first toSetUp
	for _, path := range []string{"/v1/auth/login", "/api/auth/login"} {
		a := post(t, "", path, object{"email": p.Email, "password": p.password}).is(t, 200)
		first = decode[toSetUp](t, a)
		expect.Same(t, path+": mfa_setup_required", first.Required, true)
		expect.Same(t, path+": members of the answer", len(a.fields(t)), 5)
	}
	get(t, first.Token, "/v1/auth/me").is(t, 403)
	get(t, first.Token, "/v1/auth/factors").is(t, 403)
	post(t, first.Token, "/v1/api-keys", object{"label": "x"}).is(t, 403)
	post(t, first.Token, "/v1/auth/password", object{"current_password": p.password, "password": "x"}).is(t, 403)
	post(t, first.Token, "/api/auth/refresh", object{"refresh_token": first.Token}).refused(t, 401, "TOKEN_INVALID")

	setup := person{user: p.user, password: p.password, token: first.Token}
	app := setup.addApp(t)
	expect.Same(t, "the recovery codes", len(app.RecoveryCodes), 10)
	post(t, first.Token, "/v1/auth/factors", object{"type": "recovery_codes"}).refused(t, 401, "TOKEN_INVALID")
	post(t, first.Token, "/api/auth/logout", nil).is(t, 204)
	post(t, first.Token, "/v1/auth/factors", object{"type": "totp"}).refused(t, 401, "TOKEN_INVALID")

	begun := p.begin(t, "/api/auth/login")
	in := decode[pair](t, post(t, "", "/api/auth/mfa", object{"mfa_token": begun.Token, "code": codeOf(t, app.Secret, 0)}).is(t, 200))
	get(t, in.AccessToken, "/v1/auth/me").is(t, 200)
	in = decode[pair](t, refresh(t, in.RefreshToken).is(t, 200))
	whole := person{user: p.user, password: p.password, token: in.AccessToken}
	whole.prove(t, object{"recovery_code": app.RecoveryCodes[0]})
	send(t, request{method: "DELETE", path: "/v1/auth/factors/" + app.ID, as: in.AccessToken}).refused(t, 409, "FACTOR_REQUIRED")
	get(t, key.Key, "/v1/auth/me").is(t, 200)
}

func TestWhereAdministratorsMustHaveASecondFactorMembersNeedNone(t *testing.T) {
	p := register(t)
	requireFactor(t, "administrators")
	logIn(t, p.Email, p.password)
	a := decode[toSetUp](t, post(t, "", "/v1/auth/login", object{"email": admin(t).Email, "password": admin(t).password}).is(t, 200))
	expect.Same(t, "an administrator: mfa_setup_required", a.Required, true)
}

// Whoever may invoke the bootstrap function is not locked out, though the only administrator lost everything.
func TestAnOperatorGetsInWhereTheOnlyAdministratorLostTheirSecondFactor(t *testing.T) {
	lost := signedIn(t)
	lost.prove(t, object{"password": lost.password})
	lost.addApp(t)
	requireFactor(t, "administrators")
	made := bootstrap(t, object{"email": freshEmail()})
	p := person{user: user{Email: made.Email}, password: made.Password}
	p.token = decode[toSetUp](t, post(t, "", "/v1/auth/login", object{"email": p.Email, "password": p.password}).is(t, 200)).Token
	app := p.addApp(t)
	in := decode[loggedIn](t, post(t, "", "/v1/auth/login/mfa", object{"mfa_token": p.begin(t, "/v1/auth/login").Token, "code": codeOf(t, app.Secret, 0)}).is(t, 200))
	expect.Same(t, "the role", in.User.Role, "admin")
	p.token = in.Token
	p.prove(t, object{"recovery_code": app.RecoveryCodes[0]})
	send(t, request{method: "DELETE", path: "/v1/users/" + lost.ID + "/factors", as: p.token}).is(t, 204)
	logIn(t, lost.Email, lost.password)
}
