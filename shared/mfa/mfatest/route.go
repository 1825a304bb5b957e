package mfatest

import (
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// A Route is the one that a handler serves.
type Route struct {
	*testing.T
	Function         gateway.Function
	Method, Resource string
	Header           map[string]string
}

// Call sends a request about what id names, as a caller whom the authorizer has found; nil for none.
func (r Route) Call(as map[string]any, id, body string) gatewaytest.Answer {
	r.Helper()
	return gatewaytest.Do(r.T, r.Function, gatewaytest.Call{
		Method: r.Method, Resource: r.Resource, Path: map[string]string{"id": id}, Header: r.Header, Body: body, Authorizer: as,
	})
}

// Refuses sends bodies, and expects for each a status with its error_code: "422 VALIDATION_ERROR".
func (r Route) Refuses(as map[string]any, id string, bodies map[string]string) {
	r.Helper()
	for body, want := range bodies {
		expect.Same(r.T, "the answer to "+body, said(r.T, r.Call(as, id, body)), want)
	}
}

// RefusesAllBut expects a refusal for each caller who is no person's session.
func (r Route) RefusesAllBut(d *Door, id, body string) {
	r.Helper()
	for want, as := range map[string]map[string]any{
		"403 FORBIDDEN":           gatewaytest.Key("4Hk0pQzXw2LmN8sT", "scoped", d.User.ID, "prj_A", "admin"),
		"401 TOKEN_INVALID":       gatewaytest.Refused("TOKEN_INVALID"),
		"401 MISSING_CREDENTIALS": nil,
	} {
		expect.Same(r.T, "the answer to another caller", said(r.T, r.Call(as, id, body)), want)
	}
}

// Text is the JSON of a body.
func Text(t *testing.T, members map[string]any) string {
	t.Helper()
	return text(t, members)
}

// Is expects a status with its error_code, or a status below 300 alone.
func Is(t *testing.T, what string, a gatewaytest.Answer, want string) {
	t.Helper()
	expect.Same(t, what, said(t, a), want)
}

func said(t *testing.T, a gatewaytest.Answer) string {
	t.Helper()
	if a.Status < 300 {
		return fmt.Sprint(a.Status)
	}
	return fmt.Sprintf("%d %s", a.Status, a.Code(t))
}

// As is a session as the authorizer passes it on.
func As(ses session.Session) map[string]any {
	as := gatewaytest.User(ses.UserID, ses.Email, ses.Role, "")
	as[gateway.CtxSession] = ses.ID
	return as
}

// AsSetup is a session of somebody who must add a second factor first.
func AsSetup(ses session.Session) map[string]any {
	as := As(ses)
	as[gateway.CtxType] = string(gateway.Setup)
	return as
}

// Mallory is another user. She has a session that has proven who she is.
func (d *Door) Mallory(role string) (user.User, session.Session) {
	d.Helper()
	u := user.New("mallory@example.com", role, time.Now())
	d.Must(d.Store.CreateUser(ctx, u, hash, storetest.Entry(audit.Registered)))
	ses := d.SignIn(u)
	d.Must(d.Store.ProveSession(ctx, ses.ID, u.ID, "", nil, time.Now()))
	return u, ses
}

// Ended is a session of Ann's that proved who she is and has ended, as an authorizer's cache remembers it.
func (d *Door) Ended() map[string]any {
	d.Helper()
	ses := d.SignIn(d.User)
	d.Must(d.Store.ProveSession(ctx, ses.ID, d.User.ID, "", nil, time.Now()))
	d.Must(d.Store.EndSession(ctx, ses.ID, d.User.ID))
	return As(ses)
}
