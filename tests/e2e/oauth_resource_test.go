//go:build e2e

package e2e

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/latchkey/latchkey/tests/expect"
)

// resources are those of the parameter Resources, without the APIs before them.
func resources() (all []string) {
	for _, entry := range strings.Split(parameter("Resources", ""), ",") {
		if api, uri, ok := strings.Cut(entry, "="); ok && !strings.Contains(api, ":") {
			entry = uri
		}
		if entry != "" {
			all = append(all, entry)
		}
	}
	return all
}

func TestGoOAuth2ClientGetsATokenForAResourceWhichOpensNoOther(t *testing.T) {
	k := newKey(t, admin(t).token, object{"scopes": []string{"read:stats"}})
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, patient)
	issuer := get(t, "", "/.well-known/oauth-authorization-server").is(t, 200).text(t, "issuer")
	config := clientcredentials.Config{ClientID: k.ID, ClientSecret: k.Key, TokenURL: apiURL + "/oauth/token"}
	audience := func(asked ...string) []any {
		config.EndpointParams = url.Values{"resource": asked}
		tok, err := config.Token(ctx)
		if err != nil {
			t.Fatalf("%v: %v", asked, err)
		}
		seen := post(t, "", "/oauth/introspect", url.Values{"client_id": {k.ID}, "client_secret": {k.Key}, "token": {tok.AccessToken}}).is(t, 200).fields(t)
		aud, _ := seen["aud"].([]any)
		own := slices.Contains(aud, any(parameter("Audience", "latchkey")))
		expect.Same(t, strings.Join(asked, " ")+": the status of Latchkey's own API", get(t, tok.AccessToken, me).status, map[bool]int{true: 200, false: 401}[own])
		return aud
	}
	for _, uri := range resources() {
		if got := audience(uri); len(got) != 1 || got[0] != uri {
			t.Errorf("a token for %s has the audience %v", uri, got)
		}
	}
	if got := audience(append(resources(), issuer)...); len(got) != 1+len(resources()) {
		t.Errorf("a token for every resource has the audience %v", got)
	}
	config.EndpointParams = url.Values{"resource": {"https://somebody.example.org"}}
	_, err := config.Token(ctx)
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.ErrorCode != "invalid_target" {
		t.Errorf("for an unknown resource the library reads %v, want invalid_target", err)
	}
}
