//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// allowed is the origin that the deployment under test allows (its parameter
// AllowedOrigins), "" if it allows none, as is the default.
var allowed, _, _ = strings.Cut(parameter("AllowedOrigins", ""), ",")

func TestPreflightOfEveryPathIsAnsweredWithoutACredential(t *testing.T) {
	asked := map[string]bool{}
	for _, r := range routes(t) {
		if asked[r.resource] {
			continue
		}
		asked[r.resource] = true
		path := strings.NewReplacer("{", "", "}", "").Replace(r.resource)
		a := send(t, request{method: "OPTIONS", path: path, header: map[string]string{
			"Origin": "https://app.example.com", "Access-Control-Request-Method": "GET",
		}}).is(t, 204)
		for _, name := range []string{"Authorization", "X-Api-Key", "Content-Type"} {
			if !strings.Contains(a.header.Get("Access-Control-Allow-Headers"), name) {
				t.Errorf("%s: %s may not be sent: %v", a.asked, name, a.header)
			}
		}
	}
}

func TestOnlyAnOriginThatTheDeploymentNamesMayReadAnswers(t *testing.T) {
	for _, origin := range []string{"https://evil.example.com", "null", allowed} {
		for _, r := range []request{
			{method: "GET", path: "/health"},
			{method: "GET", path: me}, // a refusal that a function words
			{method: "OPTIONS", path: me},
		} {
			r.header = map[string]string{"Origin": origin}
			a := send(t, r)
			want := ""
			if origin == allowed {
				want = allowed
			}
			if got := a.header.Get("Access-Control-Allow-Origin"); got != want {
				t.Errorf("%s from %q: Access-Control-Allow-Origin is %q, want %q", a.asked, origin, got, want)
			}
			for _, name := range []string{"Retry-After", "WWW-Authenticate", "X-Amzn-Remapped-WWW-Authenticate"} {
				if exposed := a.header.Get("Access-Control-Expose-Headers"); strings.Contains(exposed, name) != (want != "") {
					t.Errorf("%s from %q: it exposes %q; %s is to be among it: %v", a.asked, origin, exposed, name, want != "")
				}
			}
			if got := a.header.Get("Access-Control-Allow-Credentials"); (got == "true") != (want != "") {
				t.Errorf("%s from %q: Access-Control-Allow-Credentials is %q", a.asked, origin, got)
			}
		}
	}
}

// API Gateway's own refusals cannot look at the origin: they name the deployment's first.
func TestRefusalOfAPIGatewayNamesTheFirstOriginOrNone(t *testing.T) {
	a := send(t, request{method: "GET", path: "/nowhere", header: map[string]string{"Origin": "https://evil.example.com"}})
	if got := a.header.Get("Access-Control-Allow-Origin"); got != allowed {
		t.Errorf("Access-Control-Allow-Origin is %q, want %q", got, allowed)
	}
}
