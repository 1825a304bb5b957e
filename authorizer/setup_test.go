package main

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// Whoever must add a second factor first can do that, whatever their role, and nothing else.
func TestATokenToSetUpASecondFactorOpensThatAlone(t *testing.T) {
	w := newWorld(t, modeFunction)
	w.own = true
	ses, _ := w.login()
	claims := ses.Claims(token.Setup, time.Hour)
	claims.Scope, claims.Role = "admin", user.Admin // and no claim widens it
	raw := w.sign(claims)
	for route, open := range map[string]bool{
		"POST /v1/auth/factors": true, "POST /v1/auth/factors/fct_1/confirm": true, "POST /api/auth/logout": true,
		"GET /v1/auth/factors": false, "DELETE /v1/auth/factors/fct_1": false, "GET /v1/auth/me": false, "GET /api/v1/users/me": false,
		"POST /v1/auth/password": false, "DELETE /v1/auth/sessions": false, "POST /v1/api-keys": false, "GET /v1/api-keys": false,
		"GET /v1/users": false, "POST /v1/runs": false, "GET /v1/projects": false, "POST /v1/auth/factors/": false,
	} {
		method, path, _ := strings.Cut(route, " ")
		r := at(method, path, "")
		r.MultiValueHeaders = map[string][]string{"Authorization": {"Bearer " + raw}}
		answer, err := w.handle(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same[any](t, route+": the type of the caller", answer.Context[gateway.CtxType], "setup")
		expect.Same(t, route+" is open", w.opens(r), open)
		w.own = false
		expect.Same(t, route+" of another API is open", w.opens(r), false)
		w.own = true
	}
}
