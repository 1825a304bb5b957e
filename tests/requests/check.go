package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkey/latchkey/tests/caller"
)

var (
	aKey   = regexp.MustCompile(`\b[a-z][a-z0-9_]{0,14}_[0-9A-Za-z]{52}\b`)
	aToken = regexp.MustCompile(`eyJ[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+`)

	// shows are the routes that answer with a credential which they have made; the document has examples.
	shows = []string{"POST /v1/auth/login", "POST /api/auth/login", "POST /api/auth/refresh", "POST /oauth/token", "POST /v1/api-keys",
		"POST /api/v1/auth/api-keys", "POST /api/v1/auth/api-keys/{id}/regenerate", "POST /v1/runs/{id}/ticket", "GET /openapi.json",
		"POST /v1/auth/login/mfa", "POST /api/auth/mfa", "POST /v1/auth/login/passkey", "POST /api/auth/passkey",
		"POST /v1/auth/login/passkey/options", "GET /v1/auth/factors", "POST /v1/auth/factors"}
	oauthErrors = []string{"invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}
)

// check returns what is wrong with an answer.
func (g *generator) check(a *attempt, got caller.Answer) (wrong []string) {
	note := func(ifSo bool, format string, args ...any) {
		if ifSo {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	good := got.Status < 300
	note(got.Status >= 500, "a 5xx")
	note(good && len(a.wrong) > 0, "a %d that should not be: %s", got.Status, strings.Join(a.wrong, "; "))
	note(!a.strange && !slices.Contains(a.route.statuses, got.Status), "the document has no %d here", got.Status)
	note(good && a.inactive && bytes.Contains(got.Body, []byte(`"active":true`)), "a stranger's token is active")
	if !good || !slices.Contains(shows, a.route.String()) {
		note(aKey.Match(got.Body), "a key in the answer")
		note(aToken.Match(got.Body), "a token in the answer")
	}
	for _, password := range a.passwords {
		note(bytes.Contains(got.Body, []byte(password)), "a password in the answer")
	}
	if got.Status == 429 {
		seconds, err := strconv.Atoi(got.Header.Get("Retry-After"))
		note(err != nil || seconds < 1, "Retry-After is %q", got.Header.Get("Retry-After"))
	}
	if got.Status >= 400 && a.request.Method != "HEAD" {
		wrong = append(wrong, g.checkRefusal(a, got)...)
	}
	return wrong
}

// checkRefusal returns what is wrong with the form of a refusal.
func (g *generator) checkRefusal(a *attempt, got caller.Answer) (wrong []string) {
	note := func(ifSo bool, format string, args ...any) {
		if ifSo {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	var p struct {
		Type, Title, Detail, Error string
		Status                     int
		Code                       string `json:"error_code"`
		RequestID                  string `json:"request_id"`
		OK                         *bool
		Fields                     []any
		Description                string `json:"error_description"`
	}
	if err := json.Unmarshal(got.Body, &p); err != nil {
		return []string{"the refusal is no JSON object: " + err.Error()}
	}
	note(got.Header.Get("Cache-Control") != "no-store", "Cache-Control is %q", got.Header.Get("Cache-Control"))
	media := got.Header.Get("Content-Type")
	if strings.HasPrefix(a.route.path, "/oauth/") && media == "application/json" {
		note(!slices.Contains(oauthErrors, p.Error) && got.Status < 413, "the error is %q", p.Error)
		return wrong
	}
	note(media != "application/problem+json", "the media type is %q", media)
	note(p.Type != "about:blank" || p.Title == "" || p.RequestID == "", "the problem lacks type, title or request_id")
	note(p.Status != got.Status, "the problem's status is %d", p.Status)
	note(!slices.Contains(g.codes, p.Code), "the error_code %q is not in the document", p.Code)
	note((got.Status == 422) != (len(p.Fields) > 0), "a %d with %d fields", got.Status, len(p.Fields))
	if strings.HasPrefix(a.request.Path, "/v1/") && !a.strange {
		note(p.OK == nil || *p.OK || p.Error != p.Detail, "ok and error are not those of the runs dialect")
	}
	challenge := got.Header.Get("WWW-Authenticate") + got.Header.Get("X-Amzn-Remapped-Www-Authenticate")
	note(got.Status == 401 && !strings.HasPrefix(challenge, `Bearer realm="latchkey"`), "the challenge is %q", challenge)
	return wrong
}
