//go:build e2e

package e2e

import (
	"net/url"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func TestMetadataIntrospectionAndDocumentNameOneIssuer(t *testing.T) {
	metadata := get(t, "", "/.well-known/oauth-authorization-server").is(t, 200).fields(t)
	issuer := strings.TrimSuffix(metadata["issuer"].(string), "/")
	for _, endpoint := range []string{"token", "introspection", "revocation"} {
		if got := metadata[endpoint+"_endpoint"].(string); !strings.HasPrefix(got, issuer+"/") {
			t.Errorf("the %s endpoint %s is not below the issuer %s", endpoint, got, issuer)
		}
	}

	k := newKey(t, admin(t).token, object{"scopes": []string{"write:events"}})
	access := post(t, "", "/oauth/token", clientForm(k)).is(t, 200).text(t, "access_token")
	asked := url.Values{"client_id": {k.ID}, "client_secret": {k.Key}, "token": {access}}
	if got := post(t, "", "/oauth/introspect", asked).is(t, 200).fields(t)["iss"]; got != metadata["issuer"] {
		t.Errorf("introspection names the issuer %v, the metadata %v", got, metadata["issuer"])
	}
	// While the parameter Issuer is empty, tokens have the stack's own name.
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(access, claims); err != nil {
		t.Fatal(err)
	}
	if got := claims["iss"].(string); got != metadata["issuer"] && !strings.HasPrefix(got, "urn:latchkey:") {
		t.Errorf("the token names the issuer %s, the metadata %v", got, metadata["issuer"])
	}

	servers := get(t, "", "/openapi.json").is(t, 200).fields(t)["servers"].([]any)
	if got := servers[0].(map[string]any)["url"]; got != issuer {
		t.Errorf("the OpenAPI document names the server %v, the metadata the issuer %s", got, issuer)
	}
}

func TestAnEmptyAnswerIsNotCalledJSON(t *testing.T) {
	p := member(t)
	k := newKey(t, p.token, nil)
	form := url.Values{"client_id": {k.ID}, "client_secret": {k.Key}, "token": {"unknown"}}
	for _, a := range []answer{
		post(t, "", "/oauth/revoke", form).is(t, 200),
		send(t, request{method: "DELETE", as: p.token, path: "/api/v1/auth/api-keys/" + k.ID}).is(t, 204),
		post(t, p.token, "/api/auth/logout", nil).is(t, 204),
	} {
		if len(a.body) != 0 {
			t.Errorf("%s: the answer is not empty", a.asked)
		}
		if got := a.header.Get("Content-Type"); strings.Contains(got, "json") {
			t.Errorf("%s: nothing is called %s", a.asked, got)
		}
	}
}
