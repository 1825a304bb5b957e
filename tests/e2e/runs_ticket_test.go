//go:build e2e

package e2e

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/tests/expect"
)

func streamOf(run, token string) string {
	return "/v1/runs/" + run + "/events/stream?token=" + url.QueryEscape(token)
}

func newTicket(t testing.TB, as, run string) string {
	t.Helper()
	made := decode[struct {
		Token     string
		ExpiresIn int `json:"expires_in"`
	}](t, send(t, request{method: "POST", path: "/v1/runs/" + run + "/ticket", as: as}).is(t, 201))
	keepSecret(made.Token)
	if made.ExpiresIn < 1 || made.ExpiresIn > 60 {
		t.Errorf("the ticket says that it lives %d s", made.ExpiresIn)
	}
	return made.Token
}

// clientToken is a client-credentials token made from a key.
func clientToken(t testing.TB, k key) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {k.ID}, "client_secret": {k.Key}}
	a := send(t, request{method: "POST", path: "/oauth/token", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: form.Encode()})
	made := decode[struct {
		Token string `json:"access_token"`
	}](t, a.is(t, 200))
	keepSecret(made.Token)
	return made.Token
}

// unused is a snapshot without the times at which keys were last used.
func unused(snapshot string) string {
	return regexp.MustCompile(`"last_used_at":("[^"]*"|null),?`).ReplaceAllString(snapshot, "")
}

func setClaim(name, value string) func(*jwt.Token, jwt.MapClaims) {
	return func(_ *jwt.Token, c jwt.MapClaims) { c[name] = value }
}

func TestTicketOpensTheEventsOfItsRunAndNothingElse(t *testing.T) {
	p := owner(t)
	k := newKey(t, p.token, nil)
	run, another := startRun(t, p.token, nil), startRun(t, p.token, nil)
	before := unused(snapshot(t, p))
	for maker, credential := range map[string]string{"a user": p.token, "a key": k.Key, "a client": clientToken(t, k)} {
		ticket, made := newTicket(t, credential, run), time.Now()
		a := send(t, request{method: "GET", path: streamOf(run, ticket) + "&limit=1"}).is(t, 200)
		if a.header.Get("X-RateLimit-Limit") == "" {
			t.Errorf("%s: a poll with the ticket is not limited", maker)
		}
		send(t, request{method: "GET", path: streamOf(another, ticket)}).refused(t, 403, "INSUFFICIENT_SCOPE")
		send(t, request{method: "GET", path: streamOf("x", ticket)}).refused(t, 403, "INSUFFICIENT_SCOPE")
		for _, r := range protectedRoutes(t) {
			if time.Since(made) > 30*time.Second { // a ticket lives for a minute, and places differ in speed
				ticket, made = newTicket(t, credential, run), time.Now()
			}
			path := route{resource: strings.ReplaceAll(r.resource, "/runs/{id}", "/runs/"+run)}.path(k.ID)
			for where, value := range map[string]string{"Authorization": "Bearer " + ticket, "X-Api-Key": ticket} {
				a := send(t, request{method: r.method, path: path, header: map[string]string{where: value}, body: bodyFor(r)})
				switch got := a.problem(t); {
				case got.Status != 401:
					t.Errorf("%s's ticket in %s opens %s: status %d, want 401", maker, where, r, got.Status)
				case got.Code != "TOKEN_INVALID":
					t.Errorf("%s's ticket in %s opens %s: error_code: %v, want TOKEN_INVALID", maker, where, r, got.Code)
				}
			}
			if r.resource == pollResource {
				continue
			}
			a := send(t, request{method: r.method, path: path + "?token=" + ticket, body: bodyFor(r)})
			switch got := a.problem(t); {
			case got.Status != 401:
				t.Errorf("%s's ticket in the query opens %s: status %d, want 401", maker, r, got.Status)
			case got.Code != "MISSING_CREDENTIALS":
				t.Errorf("%s's ticket in the query opens %s: error_code: %v, want MISSING_CREDENTIALS", maker, r, got.Code)
			}
		}
	}
	if after := unused(snapshot(t, p)); after != before {
		t.Errorf("a ticket changed something:\n%s\n%s", before, after)
	}
}

func TestTicketIsRefusedOnTheNextRequestAfterItsMakerEnds(t *testing.T) {
	p := owner(t)
	run := startRun(t, p.token, nil)
	fresh := func() key { return newKey(t, p.token, nil) }
	revoked, deleted, regenerated, client := fresh(), fresh(), fresh(), fresh()
	token := clientToken(t, client)
	in := logIn(t, p.Email, p.password)
	for _, row := range []struct {
		name, maker string
		end         request
		code        string
	}{
		{"a session that logs out", in.Token, request{method: "POST", path: "/api/auth/logout", as: in.Token}, "TOKEN_INVALID"},
		{"a revoked key", revoked.Key, request{method: "PUT", path: "/api/v1/auth/api-keys/" + revoked.ID + "/revoke", as: p.token}, "API_KEY_REVOKED"},
		{"a deleted key", deleted.Key, request{method: "DELETE", path: "/v1/api-keys/" + deleted.ID, as: p.token}, "TOKEN_INVALID"},
		{"a regenerated key", regenerated.Key, request{method: "POST", path: "/api/v1/auth/api-keys/" + regenerated.ID + "/regenerate", as: p.token}, "TOKEN_INVALID"},
		{"a client's token that is revoked", token, request{
			method: "POST", path: "/oauth/revoke", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
			body: url.Values{"token": {token}, "client_id": {client.ID}, "client_secret": {client.Key}}.Encode(),
		}, "TOKEN_INVALID"},
	} {
		stream := request{method: "GET", path: streamOf(run, newTicket(t, row.maker, run))}
		send(t, stream).is(t, 200)
		if a := send(t, row.end); a.status > 299 {
			t.Fatalf("%s: it cannot be ended: %d %s", row.name, a.status, a.body)
		}
		send(t, stream).refused(t, 401, row.code)
	}
}

func TestTicketForARunOfAnotherIsNotMade(t *testing.T) {
	p := owner(t)
	run := startRun(t, p.token, nil)
	elsewhere := newKey(t, p.token, object{"project_id": newProject(t, p.token, "else_").ID})
	for who, as := range map[string]string{
		"another user": other(t).token, "another user's key": newKey(t, other(t).token, nil).Key,
		"a key of another project": elsewhere.Key, "an administrator": admin(t).token,
	} {
		a := send(t, request{method: "POST", path: "/v1/runs/" + run + "/ticket", as: as})
		got := a.problem(t)
		expect.Same(t, who+": status", got.Status, 404)
		expect.Same(t, who+": error_code", got.Code, "RESOURCE_NOT_FOUND")
	}
	send(t, request{method: "POST", path: "/v1/runs/x/ticket", as: p.token}).refused(t, 404, "RESOURCE_NOT_FOUND")
}

// The signature is right: what is wrong is what the ticket says.
func TestTicketThatSaysMoreThanItMayIsRefused(t *testing.T) {
	p := owner(t)
	run := startRun(t, p.token, nil)
	ticket := newTicket(t, p.token, run)
	send(t, request{method: "GET", path: streamOf(run, signed(t, ticket, expired))}).refused(t, 401, "TOKEN_EXPIRED")
	for name, change := range map[string]func(*jwt.Token, jwt.MapClaims){
		"no run":              func(_ *jwt.Token, c jwt.MapClaims) { delete(c, "run") },
		"an empty run":        setClaim("run", ""),
		"a client's type":     setClaim("typ", "client"),
		"an access token's":   setClaim("typ", "access"),
		"another's subject":   setClaim("sub", other(t).ID),
		"an invented session": setClaim("sid", "ses_AAAAAAAAAAAAAAAAAAAAAAAAAA"),
	} {
		a := send(t, request{method: "GET", path: streamOf(run, signed(t, ticket, change))})
		got := a.problem(t)
		expect.Same(t, name+": status", got.Status, 401)
		expect.Same(t, name+": error_code", got.Code, "TOKEN_INVALID")
	}
	// A run's id is put into a policy: a star in it must open no other run.
	for _, star := range []string{"*", run[:10] + "*", "../" + run} {
		a := send(t, request{method: "GET", path: streamOf(run, signed(t, ticket, setClaim("run", star)))})
		if a.status == 200 {
			t.Errorf("a ticket for %s opens %s", star, run)
		}
	}
	k := newKey(t, p.token, nil)
	send(t, request{method: "GET", path: streamOf(run, clientToken(t, k))}).refused(t, 401, "TOKEN_INVALID")
	send(t, request{method: "GET", path: streamOf(run, k.Key)}).refused(t, 401, "TOKEN_INVALID")
}
