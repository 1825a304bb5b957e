// Package latchkeytest gives a test of your own API a Latchkey that guards it on this machine, with a credential of each
// kind:
//
//	func TestCampaigns(t *testing.T) {
//		latchkey := latchkeytest.Start(t, "template.yaml")
//		res, err := latchkey.As(latchkey.ReadOnlyKey).Post(latchkey.URL+"/api/campaigns", "application/json", nil)
//		// 403
//	}
//
// It runs `make local` of Latchkey's folder, or attaches to the one that you have started. docs/sam-local.md describes both.
package latchkeytest

import (
	"net/http"
	"strings"
)

// A Stack is your API, guarded, and who may call it.
type Stack struct {
	URL  string            // of the first API of the template
	URLs map[string]string // of each API, by its logical id

	Latchkey, Issuer, Audience string // Latchkey's own address, and what its tokens have in iss and aud

	Key          string // every scope but admin
	SecretKey    string // of a project
	ClientKey    string // write:events only
	ReadOnlyKey  string // read:* only
	ExpiredKey   string
	RevokedKey   string
	UserToken    string // of a user who is no administrator
	ExpiredToken string
	AdminToken   string

	UserEmail, UserPassword, AdminEmail, AdminPassword string
}

// As returns a client that sends the credential with each request, and follows no redirect. The empty text is no credential.
func (s *Stack) As(credential string) *http.Client {
	return &http.Client{
		Transport:     bearer(credential),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if b != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+string(b))
	}
	return http.DefaultTransport.RoundTrip(r)
}

const prefix = "LATCHKEY_"

func fromVariables(of map[string]string) *Stack {
	s := &Stack{URL: of["GUARDED_URL"], URLs: map[string]string{}, Latchkey: of["URL"]}
	for name, field := range map[string]*string{
		"ISSUER": &s.Issuer, "AUDIENCE": &s.Audience, "KEY": &s.Key, "SECRET_KEY": &s.SecretKey, "CLIENT_KEY": &s.ClientKey,
		"READ_ONLY_KEY": &s.ReadOnlyKey, "EXPIRED_KEY": &s.ExpiredKey, "REVOKED_KEY": &s.RevokedKey,
		"USER_TOKEN": &s.UserToken, "EXPIRED_TOKEN": &s.ExpiredToken, "ADMIN_TOKEN": &s.AdminToken,
		"USER_EMAIL": &s.UserEmail, "USER_PASSWORD": &s.UserPassword, "ADMIN_EMAIL": &s.AdminEmail, "ADMIN_PASSWORD": &s.AdminPassword,
	} {
		*field = of[name]
	}
	for name, value := range of {
		if api, ok := strings.CutPrefix(name, "GUARDED_URL_"); ok {
			s.URLs[api] = value
		}
	}
	return s
}

// variables reads lines NAME=value, and keeps those of Latchkey without the beginning of their names.
func variables(lines []string) map[string]string {
	found := map[string]string{}
	for _, line := range lines {
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, prefix) {
			found[strings.TrimPrefix(name, prefix)] = value
		}
	}
	return found
}
