package main

import (
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/resource"
	"github.com/latchkey/latchkey/shared/token"
)

func TestTokenForAResourceOpensTheAPIThatItIsAndNoOther(t *testing.T) {
	w := newWorld(t, modeFunction)
	var err error
	if w.resources, err = resource.Parse("abc/prod=https://campaigns.example.com,def/prod=https://orders.example.com,https://offline.example.com"); err != nil {
		t.Fatal(err)
	}
	k, _ := w.key(nil)
	at := func(api, text string) string {
		r := get("Authorization: Bearer " + text)
		r.MethodArn = strings.Replace(r.MethodArn, "abc/prod", api, 1)
		return w.refusal(r)
	}
	for _, row := range []struct {
		api  string
		aud  []string
		want string
	}{
		{"abc/prod", []string{"https://campaigns.example.com"}, ""},
		{"abc/prod", []string{"https://offline.example.com", "https://campaigns.example.com"}, ""},
		{"abc/prod", []string{"https://orders.example.com"}, "TOKEN_INVALID"},
		{"abc/prod", []string{"https://offline.example.com"}, "TOKEN_INVALID"},
		{"abc/test", []string{"https://campaigns.example.com"}, "TOKEN_INVALID"},
		{"def/prod", []string{"https://campaigns.example.com"}, "TOKEN_INVALID"},
		{"own/prod", []string{"https://campaigns.example.com", "https://orders.example.com"}, "TOKEN_INVALID"},
		{"own/prod", []string{"https://campaigns.example.com", "them"}, ""},
		{"abc/prod", nil, ""}, // as before there were resources
		{"own/prod", nil, ""},
	} {
		c := w.clientClaims(k, "read:stats")
		c.Audience = row.aud
		if got := at(row.api, w.sign(c)); got != row.want {
			t.Errorf("a token for %v at %s: %q, want %q", row.aud, row.api, got, row.want)
		}
	}
	_, session := w.login()
	if got := at("abc/prod", session); got != "" {
		t.Errorf("a person's token: %q", got)
	}
}

func TestOnlyAClientsTokenHasAnotherAudience(t *testing.T) {
	w := newWorld(t, modeFunction)
	ses, _ := w.login()
	for _, kind := range []token.Type{token.Session, token.Access, token.Refresh} {
		c := ses.Claims(kind, 1e9)
		c.Audience = []string{"https://campaigns.example.com"}
		if _, err := w.tokens.Sign(ctx, c); err == nil {
			t.Errorf("a token of type %s was signed for a resource", kind)
		}
	}
}
