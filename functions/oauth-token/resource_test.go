package main

import (
	"slices"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/oauth/oauthtest"
)

func TestTokenIsForTheResourcesThatTheClientAskedFor(t *testing.T) {
	const campaigns, orders = "https://campaigns.example.com", "https://orders.example.com"
	d := oauthtest.New(t)
	k, full := d.Key(nil)
	for _, row := range []struct {
		name        string
		asked, want []string
		own         bool // Latchkey's own API accepts it
	}{
		{"none", nil, []string{"latchkey"}, true},
		{"an empty one", []string{""}, []string{"latchkey"}, true},
		{"one", []string{campaigns}, []string{campaigns}, false},
		{"one, twice", []string{campaigns, campaigns}, []string{campaigns}, false},
		{"two", []string{orders, "", campaigns}, []string{orders, campaigns}, false},
		{"Latchkey's own API", []string{issuer}, []string{"latchkey"}, true},
		{"its audience", []string{"latchkey"}, []string{"latchkey"}, true},
		{"Latchkey's own API and another", []string{campaigns, issuer}, []string{campaigns, "latchkey"}, true},
	} {
		asked := form("client_id", k.ID, "client_secret", full)
		asked["resource"] = row.asked
		text := issued(t, post(t, d, "", asked))
		claims := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(text, claims); err != nil {
			t.Fatal(err)
		}
		if got, _ := claims.GetAudience(); !slices.Equal(got, row.want) {
			t.Errorf("%s: the audience is %v, want %v", row.name, got, row.want)
		}
		if got := d.Good(text); got != row.own {
			t.Errorf("%s: Latchkey's own API accepts the token: %v, want %v", row.name, got, row.own)
		}
	}
	if got := d.Actions(k.ID)[0].Detail["resource"]; got != campaigns+" latchkey" {
		t.Errorf("the log has the resources %q", got)
	}
}
