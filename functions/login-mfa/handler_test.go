package main

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/mfa/mfatest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

const ofSession, ofPair = "/v1/auth/login/mfa", "/api/auth/mfa"

func route(d *mfatest.Door, resource string) mfatest.Route {
	h := handler{d.Second, d.Answers()}
	return mfatest.Route{T: d.T, Function: gateway.Public(d.Store, nil, h.serve), Method: "POST", Resource: resource}
}

func given(d *mfatest.Door, raw string, more map[string]any) string {
	d.Helper()
	members := map[string]any{"mfa_token": raw}
	for name, value := range more {
		members[name] = value
	}
	return mfatest.Text(d.T, members)
}

func TestASecondFactorAnswersInTheDialectThatBegan(t *testing.T) {
	d := mfatest.New(t)
	_, codes := d.App()
	for i, dialect := range []string{login.OneToken, login.Pair} {
		body := given(d, d.EnterBy(dialect, "192.0.2.7"), map[string]any{"recovery_code": codes[i]})
		a := route(d, ofSession).Call(nil, "", body)
		mfatest.Is(t, dialect, a, "200")
		in := a.JSON(t)
		expect.Same(t, dialect+": one token", in["token"] != nil, dialect == login.OneToken)
		expect.Same(t, dialect+": a pair", in["access_token"] != nil && in["refresh_token"] != nil, dialect == login.Pair)
		mfatest.Is(t, dialect+" again", route(d, ofSession).Call(nil, "", body), "401 INVALID_CREDENTIALS")
	}
}

func TestTheRefreshTokenOfASecondStepIsInTheCookieOfItsOwnPathOnly(t *testing.T) {
	d := mfatest.New(t)
	_, codes := d.App()
	body := given(d, d.EnterBy(login.Pair, "192.0.2.7"), map[string]any{"recovery_code": codes[0], "cookie": true})
	mfatest.Is(t, "below /v1", route(d, ofSession).Call(nil, "", body), "422 VALIDATION_ERROR")
	foreign := route(d, ofPair)
	foreign.Header = map[string]string{"Sec-Fetch-Site": "cross-site"}
	mfatest.Is(t, "from another site's page", foreign.Call(nil, "", body), "403 FORBIDDEN")
	own := route(d, ofPair)
	mfatest.Is(t, "for what a form could send", own.Call(nil, "", body), "415 UNSUPPORTED_MEDIA_TYPE")
	own.Header = map[string]string{"Content-Type": "application/json"}
	whole := given(d, d.Enter("192.0.2.7"), map[string]any{"recovery_code": codes[0], "cookie": true})
	mfatest.Is(t, "in the dialect without a refresh token", own.Call(nil, "", whole), "422 VALIDATION_ERROR")
	a := own.Call(nil, "", body)
	mfatest.Is(t, "the answer", a, "200")
	expect.Same[any](t, "the refresh token in the body", a.JSON(t)["refresh_token"], nil)
	expect.Same(t, "it is in the cookie", strings.HasPrefix(a.Header["Set-Cookie"], "__Secure-latchkey_refresh=ey"), true)
}

func TestWhatIsWrongCompletesNoLogin(t *testing.T) {
	d := mfatest.New(t)
	secret, codes := d.App()
	raw, code := d.Enter("192.0.2.7"), mfatest.Code(t, secret, 0)
	challenge, _, err := mfa.NewChallenge(t.Context(), d.Tokens, mfa.SignIn, time.Now())
	d.Must(err)
	with := func(raw string, more map[string]any) string { return given(d, raw, more) }
	r := route(d, ofSession)
	r.Refuses(nil, "", map[string]string{
		``: "400 INVALID_JSON", `{`: "400 INVALID_JSON", `[]`: "422 VALIDATION_ERROR", `{}`: "422 VALIDATION_ERROR",
		`{"mfa_token":7,"code":"000000"}`: "422 VALIDATION_ERROR",
		with(raw, nil):                    "422 VALIDATION_ERROR",
		with(raw, map[string]any{"code": code, "recovery_code": codes[0]}):           "422 VALIDATION_ERROR",
		with(raw, map[string]any{"code": code, "password": "x"}):                     "422 VALIDATION_ERROR",
		with(raw, map[string]any{"code": strings.Repeat("1", 65)}):                   "422 VALIDATION_ERROR",
		with("", map[string]any{"code": code}):                                       "401 TOKEN_INVALID",
		with("x", map[string]any{"code": code}):                                      "401 TOKEN_INVALID",
		with(raw[:len(raw)-4]+"AAAA", map[string]any{"code": code}):                  "401 TOKEN_INVALID",
		with(challenge, map[string]any{"code": code}):                                "401 TOKEN_INVALID",
		with(raw, map[string]any{"code": "000000"}):                                  "401 INVALID_CREDENTIALS",
		with(raw, map[string]any{"recovery_code": "abcd-efgh-jkmn-pqrs"}):            "401 INVALID_CREDENTIALS",
		with(raw, map[string]any{"credential": map[string]any{"id": "x"}}):           "401 INVALID_CREDENTIALS",
		with(raw, map[string]any{"credential": "not what an authenticator answers"}): "401 INVALID_CREDENTIALS",
	})
	a := r.Call(nil, "", with(raw, map[string]any{"code": code}))
	mfatest.Is(t, "the answer after all that", a, "200") // five wrong factors, and not one more
}

func TestAnotherPersonsCodeCompletesNoLogin(t *testing.T) {
	d, other := mfatest.New(t), mfatest.New(t)
	d.App()
	secret, codes := other.App()
	raw := d.Enter("192.0.2.7")
	for _, more := range []map[string]any{{"code": mfatest.Code(t, secret, 0)}, {"recovery_code": codes[0]}} {
		mfatest.Is(t, "the answer", route(d, ofSession).Call(nil, "", given(d, raw, more)), "401 INVALID_CREDENTIALS")
	}
	mfatest.Is(t, "the token of another deployment's user", route(other, ofSession).Call(nil, "", given(d, raw, map[string]any{"code": "000000"})), "401 TOKEN_INVALID")
}

func TestADisabledUserCompletesNoLogin(t *testing.T) {
	d, yes := mfatest.New(t), true
	secret, _ := d.App()
	raw := d.Enter("192.0.2.7")
	admin, _ := d.Mallory("admin")
	_, err := d.Store.ChangeUser(t.Context(), admin.ID, d.User.ID, store.Change{Disabled: &yes}, storetest.Entry, time.Now())
	d.Must(err)
	a := route(d, ofSession).Call(nil, "", given(d, raw, map[string]any{"code": mfatest.Code(t, secret, 0)}))
	mfatest.Is(t, "the answer", a, "403 ACCOUNT_DISABLED")
}

func TestASecondStepCountsAmongTheLoginsOfAnAddress(t *testing.T) {
	d := mfatest.New(t)
	limits := ratelimit.Limits{Window: 24 * time.Hour, Max: map[ratelimit.Category]int{ratelimit.Auth: 1}}
	r := route(d, ofSession)
	r.Function = gateway.Public(d.Store, limits.For(ratelimit.Auth), handler{d.Second, d.Answers()}.serve)
	mfatest.Is(t, "the first", r.Call(nil, "", `{}`), "422 VALIDATION_ERROR")
	a := r.Call(nil, "", `{}`)
	mfatest.Is(t, "the second", a, "429 RATE_LIMIT_EXCEEDED")
	expect.Same(t, "Retry-After is sent", a.Header["Retry-After"] != "", true)
}
