package cookie

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/tests/expect"
)

// ask has a function use the cookie of a request with these headers.
func ask(t *testing.T, header map[string]string) gatewaytest.Answer {
	t.Helper()
	f := gateway.Unlimited(func(_ context.Context, r *gateway.Request) (gateway.Response, error) {
		if err := Allowed(r); err != nil {
			return gateway.Response{}, err
		}
		found, err := Token(r)
		return gateway.JSON(200, found), err
	})
	return gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/api/auth/refresh", Header: header})
}

func browser(changes map[string]string) map[string]string {
	header := map[string]string{
		"Host": "api.example.com", "Origin": "https://api.example.com", "Sec-Fetch-Site": "same-origin",
		"Content-Type": "application/json", "Cookie": "theme=dark; " + name + "=good",
	}
	for n, v := range changes {
		header[n] = v
	}
	return header
}

func TestOnlyAPageOfThisOriginCanSpendTheCookie(t *testing.T) {
	for _, c := range []struct {
		what    string
		changes map[string]string
		status  int
	}{
		{"own page", nil, 200},
		{"own page in an older browser", map[string]string{"Sec-Fetch-Site": ""}, 200},
		{"no browser", map[string]string{"Sec-Fetch-Site": "", "Origin": ""}, 200},
		{"another site", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403},
		{"a neighbour", map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://www.example.com"}, 403},
		{"another site that lies about its origin", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"a link or an address typed", map[string]string{"Sec-Fetch-Site": "none"}, 403},
		{"another site in an older browser", map[string]string{"Sec-Fetch-Site": "", "Origin": "https://evil.example"}, 403},
		{"another port in an older browser", map[string]string{"Sec-Fetch-Site": "", "Origin": "https://api.example.com:8443"}, 403},
		{"a sandboxed frame", map[string]string{"Sec-Fetch-Site": "", "Origin": "null"}, 403},
		{"a form", map[string]string{"Content-Type": "text/plain"}, 415},
		{"no content type", map[string]string{"Content-Type": ""}, 415},
	} {
		if answer := ask(t, browser(c.changes)); answer.Status != c.status {
			t.Errorf("%s: %d %s", c.what, answer.Status, answer.Body)
		}
	}
}

func TestACookieThatIsNotCertainlyOursIsNone(t *testing.T) {
	for _, line := range []string{
		"", name + "=", "latchkey_refresh=good", name + "=good; " + name + "=planted", "broken",
	} {
		answer := ask(t, browser(map[string]string{"Cookie": line}))
		expect.Same(t, "the status for "+line, answer.Status, 401)
		expect.Same(t, "the code for "+line, answer.Code(t), "MISSING_CREDENTIALS")
	}
}

func TestTheRefreshTokenIsInTheCookieAndNowhereElse(t *testing.T) {
	answer := gatewaytest.Do(t, gateway.Unlimited(func(context.Context, *gateway.Request) (gateway.Response, error) {
		return Answer(session.Pair{AccessToken: "access", RefreshToken: "refresh", TokenType: "bearer", ExpiresIn: 3600}, time.Hour), nil
	}), gatewaytest.Call{Method: "POST", Resource: "/api/auth/login"})
	if strings.Contains(answer.Body, "refresh") {
		t.Errorf("the refresh token is in the body: %s", answer.Body)
	}
	body := answer.JSON(t)
	expect.Same(t, "the access token", body["access_token"], "access")
	expect.Same(t, "the number of fields", len(body), 3)
	c, err := http.ParseSetCookie(answer.Header["Set-Cookie"])
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the cookie's name", c.Name, name)
	expect.Same(t, "its value", c.Value, "refresh")
	expect.Same(t, "its Max-Age", c.MaxAge, 3600)
	expect.Same(t, "its HttpOnly", c.HttpOnly, true)
	expect.Same(t, "its Secure", c.Secure, true)
	expect.Same(t, "its SameSite", c.SameSite, http.SameSiteStrictMode)
	expect.Same(t, "its Path", c.Path, "")
	expect.Same(t, "its Domain", c.Domain, "")
}
