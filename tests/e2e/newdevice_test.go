//go:build e2e

package e2e

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/latchkey/latchkey/shared/passkey/passkeytest"
	"github.com/latchkey/latchkey/tests/expect"
)

const (
	firefox = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0"
	edge    = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)

// awaitLetters waits for a number of letters to an address, and returns the last.
func awaitLetters(t testing.TB, to string, number int) letter {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if found := letters(t, to); len(found) >= number {
			return found[number-1]
		}
		if time.Now().After(until) {
			t.Fatalf("%d letters to %s after half a minute, want %d", len(letters(t, to)), to, number)
		}
	}
}

// on sends a request as another client.
func on(t testing.TB, agent, path string, body object) answer {
	t.Helper()
	return send(t, request{method: "POST", path: path, body: body, header: map[string]string{"User-Agent": agent}})
}

func TestASignInOnANewDeviceIsToldByALetterAndTheFirstOneIsNot(t *testing.T) {
	needs(t, theMail)
	p := signedIn(t) // for the first time
	given := object{"email": p.Email, "password": p.password}
	logIn(t, p.Email, p.password)
	on(t, firefox, "/v1/auth/login", given).is(t, 200)
	told := awaitLetters(t, p.Email, 1)
	for _, fact := range []string{"Firefox on macOS", "127.0.0.1", time.Now().UTC().Format("January 2006"), p.Email, os.Getenv("ISSUER") + "/dashboard#/account"} {
		if !strings.Contains(told.BodyText, fact) || !strings.Contains(told.BodyHTML, fact) {
			t.Errorf("the letter has no %s in text and HTML:\n%s\n%s", fact, told.BodyText, told.BodyHTML)
		}
	}
	expect.Same(t, "the subject", strings.HasPrefix(told.Subject, "New sign-in"), true)
	on(t, strings.ReplaceAll(firefox, "143", "144"), "/v1/auth/login", given).is(t, 200) // the same, updated
	on(t, edge, "/api/auth/login", given).is(t, 200)
	on(t, edge, "/api/auth/login", given).is(t, 200)
	expect.Same(t, "the second letter is about Edge", strings.Contains(awaitLetters(t, p.Email, 2).BodyText, "Edge on Windows"), true)
	on(t, "visit evil.example now", "/api/auth/login", given).is(t, 200)
	third := awaitLetters(t, p.Email, 3)
	expect.Same(t, "the third letter has the caller's own text", strings.Contains(third.BodyText, "evil"), false)
	expect.Same(t, "the letters", len(letters(t, p.Email)), 3)
}

// The second step of a login tells, and not the first; so does a passkey alone.
func TestASignInWithAFactorOnANewDeviceIsTold(t *testing.T) {
	needs(t, theMail)
	p := signedIn(t)
	base, err := url.Parse(apiURL)
	if err != nil {
		t.Fatal(err)
	}
	d := &device{
		virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(p.ID)}),
		passkeytest.Credential(), base.Scheme + "://" + base.Host,
	}
	p.prove(t, object{"password": p.password})
	begun := decode[factorView](t, post(t, p.token, "/v1/auth/factors", object{"type": "passkey"}).is(t, 201))
	post(t, p.token, "/v1/auth/factors/"+begun.ID+"/confirm", object{"credential": d.register(t, begun.PublicKey)}).is(t, 200)
	options := func(body object) (string, json.RawMessage) {
		o := decode[passkeyOptions](t, post(t, "", "/v1/auth/login/passkey/options", body).is(t, 200))
		return o.Token, d.sign(t, o.PublicKey)
	}
	second := decode[unfinished](t, on(t, firefox, "/v1/auth/login", object{"email": p.Email, "password": p.password}).is(t, 200))
	_, signed := options(object{"mfa_token": second.Token})
	on(t, firefox, "/v1/auth/login/mfa", object{"mfa_token": second.Token, "credential": signed}).is(t, 200)
	expect.Same(t, "the letter is about Firefox", strings.Contains(awaitLetters(t, p.Email, 1).BodyText, "Firefox on macOS"), true)
	token, signed := options(object{})
	on(t, edge, "/v1/auth/login/passkey", object{"token": token, "credential": signed}).is(t, 200)
	expect.Same(t, "the letter is about Edge", strings.Contains(awaitLetters(t, p.Email, 2).BodyText, "Edge on Windows"), true)
	expect.Same(t, "the letters", len(letters(t, p.Email)), 2)
}
