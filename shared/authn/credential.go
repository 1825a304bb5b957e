// Package authn finds out who sent a request: it reads the credential in the request and checks
// it, in one DynamoDB round trip.
package authn

import (
	"strings"

	"github.com/latchkey/latchkey/shared/problem"
)

// A Sent is the part of a request that may carry a credential.
type Sent struct {
	Authorization []string // all values of the header
	APIKey        []string // all values of X-Api-Key
	QueryTokens   []string // all values of ?token=, on the poll only
}

// Credential returns the one credential that was sent: the text of a key or a token. Errors:
// MISSING_CREDENTIALS, MULTIPLE_CREDENTIALS, and TOKEN_INVALID for an Authorization that is not
// of the Bearer scheme or has no token.
func (s Sent) Credential() (string, error) {
	var found []string
	add := func(text string) {
		for _, f := range found {
			if f == text {
				return
			}
		}
		found = append(found, text)
	}
	for _, header := range s.Authorization {
		if header = strings.Trim(header, " \t"); header == "" {
			continue
		}
		text, err := bearer(header)
		if err != nil {
			return "", err
		}
		add(text)
	}
	for _, text := range append(s.APIKey, s.QueryTokens...) {
		if text = strings.TrimSpace(text); text != "" {
			add(text)
		}
	}
	switch len(found) {
	case 0:
		return "", problem.MissingCredentials
	case 1:
		return found[0], nil
	}
	return "", problem.MultipleCredentials
}

// bearer reads RFC 6750 §2.1; the scheme's name is case-insensitive (RFC 9110 §11.1). A header
// without a token is wrong, and not absent: API Gateway caches the authorizer's answer under this
// header, so that an Allow for a good X-Api-Key would serve everybody who sends the same.
func bearer(header string) (string, error) {
	scheme, text, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", problem.TokenInvalid.WithDetail("Authorization must be of the Bearer scheme")
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", problem.TokenInvalid.WithDetail("Authorization has no token")
	}
	return text, nil
}

// IsToken reports whether a credential is a JWT and not a key: a JWT has dots, a key has none.
func IsToken(text string) bool { return strings.Count(text, ".") == 2 }
