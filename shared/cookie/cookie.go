// Package cookie owns the cookie in which a browser keeps its refresh token, where no script can
// read it.
//
//	POST /api/auth/login    {…, "cookie": true}  → access token in the body, refresh token in the cookie
//	POST /api/auth/refresh  {"cookie": true}     → the cookie's token is exchanged, likewise
//	POST /api/auth/logout                        → the cookie is cleared
//
// The cookie alone does nothing: a request must ask for it, as JSON, and come from a page of the
// same origin. So another site's page can neither use it nor replace it.
package cookie

import (
	"net/http"
	"net/url"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/session"
)

// A browser accepts a cookie with this prefix only from a secure origin (RFC 6265bis §4.1.3.1).
const name = "__Secure-latchkey_refresh"

// set gives no Path. A browser then uses the path of the request, up to its last slash:
// <base>/api/auth as the browser sees it. We cannot know that path: a stage, a domain or a proxy
// may be before it. No other route gets the cookie.
func set(value string, seconds int) map[string]string {
	c := http.Cookie{Name: name, Value: value, MaxAge: seconds, HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode}
	return map[string]string{"Set-Cookie": c.String()}
}

// Answer returns a pair with its refresh token in the cookie and not in the body.
func Answer(pair session.Pair, lifetime time.Duration) gateway.Response {
	header := set(pair.RefreshToken, int(lifetime.Seconds()))
	pair.RefreshToken = ""
	return gateway.Response{Status: 200, Header: header, Body: pair}
}

// Clear returns the header that removes the cookie.
func Clear() map[string]string { return set("", -1) }

// Allowed refuses a request that may not use the cookie: FORBIDDEN for one from another
// site's page, UNSUPPORTED_MEDIA_TYPE for one that a plain HTML form could send.
func Allowed(r *gateway.Request) error {
	if !sameOrigin(r) {
		return problem.Forbidden.WithDetail("The refresh cookie is for pages of this origin only")
	}
	if r.MediaType() != "application/json" {
		return problem.UnsupportedMediaType
	}
	return nil
}

// sameOrigin reads the headers that a browser sets and no page can change: Fetch Metadata, or
// Origin in older browsers. A client that sends neither is not a browser, so nobody can misuse
// its cookie.
func sameOrigin(r *gateway.Request) bool {
	if site := r.Header("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	origin := r.Header("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && u.Host == r.Header("Host")
}

// Token returns the refresh token in the request's cookie, or MISSING_CREDENTIALS. If there are
// two cookies of this name it uses neither: another host of our domain may have set the second.
func Token(r *gateway.Request) (string, error) {
	parsed := http.Request{Header: http.Header{"Cookie": {r.Header("Cookie")}}}
	found := parsed.CookiesNamed(name)
	if len(found) != 1 || found[0].Value == "" {
		return "", problem.MissingCredentials.WithDetail("There is no refresh token in the cookie; log in")
	}
	return found[0].Value, nil
}
