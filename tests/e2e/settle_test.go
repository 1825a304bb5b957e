//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

// These tests look at what only a deployment on AWS can show (docs/aws.md), tell what they
// saw, and fail where that breaks a promise.

// saw tells the report of `make verify` what was seen of a row of docs/aws.md.
func saw(t testing.TB, row, format string, args ...any) {
	t.Helper()
	t.Logf("saw %s: %s", row, fmt.Sprintf(format, args...))
}

func TestChallengeIsFoundUnderOneOfItsTwoNames(t *testing.T) {
	for worder, path := range map[string]string{"a function": me, "API Gateway": "/nowhere"} {
		a := sendOnce(t, request{method: "GET", path: path, as: "nonsense"})
		names := slices.DeleteFunc([]string{"WWW-Authenticate", "X-Amzn-Remapped-WWW-Authenticate"},
			func(name string) bool { return a.header.Get(name) == "" })
		saw(t, "row 1", "the %d that %s words has its challenge in %v", a.status, worder, names)
		if a.status == http.StatusUnauthorized && len(names) == 0 {
			t.Errorf("%s: 401 without a challenge", a.asked)
		}
	}
}

func TestUnknownPathIsA404WhateverAuthorizationSays(t *testing.T) {
	answers := map[int][]string{}
	values := map[string]string{
		"a key": "Bearer " + newKey(t, admin(t).token, nil).Key, "a token": "Bearer " + admin(t).token, "a password": "Basic dTpw",
		"no scheme": "x", "nothing": "",
	}
	if strings.HasPrefix(apiURL, "https:") { // what is signed, the local stack takes for a call of an AWS service
		values["a signature"] = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20300101/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=00"
	}
	for name, value := range values {
		a := sendOnce(t, request{method: "GET", path: "/nowhere", header: map[string]string{"Authorization": value}})
		answers[a.status] = append(answers[a.status], name)
		p := a.problem(t)
		expect.Same(t, "with "+name+" in Authorization: status", p.Status, 404)
		expect.Same(t, "with "+name+" in Authorization: error_code", p.Code, "RESOURCE_NOT_FOUND")
	}
	for status, names := range answers {
		slices.Sort(names)
		saw(t, "row 4", "an unknown path answers %d to %s in Authorization", status, strings.Join(names, ", "))
	}
}

// SAM makes a second stage of that name, unless it is told not to.
func TestThereIsNoSecondStage(t *testing.T) {
	address, err := url.Parse(apiURL)
	if err != nil {
		t.Fatal(err)
	}
	beside := apiURL // a domain of its own has no stage in its path
	if address.Path != "" {
		beside = apiURL[:strings.LastIndex(apiURL, "/")]
	}
	a, err := tryAt(t, client, beside, request{method: "GET", path: "/Stage/health"})
	if err != nil {
		t.Fatal(err)
	}
	saw(t, "row 6", "%s/Stage/health answers %d", beside, a.status)
	if a.status < 400 {
		t.Errorf("a stage called Stage answers %d", a.status)
	}
}

func TestMetadataNamesTheAddressThatWasCalled(t *testing.T) {
	a := get(t, "", "/.well-known/oauth-authorization-server").is(t, 200)
	issuer := parameter("Issuer", apiURL)
	saw(t, "row 11", "called at %s, the metadata's issuer is %s", apiURL, a.text(t, "issuer"))
	for name, want := range map[string]string{"issuer": issuer, "token_endpoint": strings.TrimSuffix(issuer, "/") + "/oauth/token"} {
		if got := a.text(t, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestCallersAddressCannotBeMadeUp(t *testing.T) {
	p := register(t)
	madeUp := "203.0.113.9" // of RFC 5737, nobody's
	in := decode[loggedIn](t, send(t, request{method: "POST", path: "/v1/auth/login", body: object{"email": p.Email, "password": p.password},
		header: map[string]string{"X-Forwarded-For": madeUp, "Forwarded": "for=" + madeUp, "X-Real-Ip": madeUp}}).is(t, 200))
	for _, s := range sessionsOf(t, in.Token) {
		saw(t, "row 12", "the deployment sees this machine as %s", s.Address)
		if s.Address == madeUp {
			t.Error("the address is what X-Forwarded-For said")
		}
	}
}

func TestLongHeadersAreRefused(t *testing.T) {
	for _, size := range []int{8 << 10, 11 << 10} {
		a := sendOnce(t, request{method: "GET", path: me, header: map[string]string{"Authorization": "Bearer " + strings.Repeat("x", size)}})
		saw(t, "row 19", "a header of %d bytes answers %d", size, a.status)
		if a.status < 400 || a.status > 499 {
			t.Errorf("a header of %d bytes: got %d, want a 4xx", size, a.status)
		}
	}
}

// API Gateway takes the method from this header, for the authorizer and the function alike.
func TestOverriddenMethodIsJudgedAsTheMethodThatItBecomes(t *testing.T) {
	p := admin(t)
	reads, writes := newKey(t, p.token, object{"type": "read_only"}), newKey(t, p.token, object{"type": "client"})
	overridden := func(as, method, by string) answer {
		return sendOnce(t, request{method: method, path: "/v1/runs", as: as, header: map[string]string{"X-HTTP-Method-Override": by}})
	}
	saw(t, "row 20", "GET overridden by POST, with a key that may only POST, answers %d (201 if it is honoured)", overridden(writes.Key, "GET", "POST").status)
	for _, methods := range [][2]string{{"GET", "POST"}, {"POST", "GET"}, {"DELETE", "POST"}} {
		if a := overridden(reads.Key, methods[0], methods[1]); a.status == http.StatusCreated {
			t.Errorf("%s overridden by %s, with a read-only key: a run was made", methods[0], methods[1])
		}
	}
}

func TestOddSpellingsOfAPathOpenNothing(t *testing.T) {
	k := newKey(t, admin(t).token, object{"type": "read_only"}) // may read, and manage nothing
	answers := map[string][]string{}
	for _, odd := range []string{
		"/v1/api-keys/", "/v1//api-keys", "//v1/api-keys", "/v1/api%2Dkeys", "/v1/api-keys%2F", "/v1/api-keys;x=1", "/v1/api-keys%5C",
		"/v1/./api-keys", "/v1/health/../api-keys", "/v1/API-KEYS", "/v1/api-keys%00", "/v1/api-keys%20",
	} {
		var got [3]int
		for i, credential := range []string{"", k.Key, admin(t).token} {
			a := sendOnce(t, request{method: "GET", path: odd, as: credential})
			got[i] = a.status
			led := samLocal && a.status == http.StatusPermanentRedirect // its own server leads //… elsewhere
			if a.status > 499 {
				t.Errorf("GET %s: got %d\n%s", odd, a.status, a.body)
			}
			if a.status < 400 && credential != admin(t).token && !led {
				t.Errorf("GET %s was answered to a caller who may not see it: %d\n%s", odd, a.status, a.body)
			}
		}
		who := fmt.Sprintf("%d to nobody, %d to a key without the scope, %d to an administrator", got[0], got[1], got[2])
		answers[who] = append(answers[who], odd)
	}
	for who, spellings := range answers {
		saw(t, "row 21", "GET of these answers %s: %s", who, strings.Join(spellings, " "))
	}
}

// API Gateway's own answers cannot look at a caller's limit.
func TestRefusalByPolicyIsWorded(t *testing.T) {
	k := newKey(t, admin(t).token, object{"type": "read_only"})
	a := get(t, k.Key, "/v1/api-keys")
	a.refused(t, 403, "INSUFFICIENT_SCOPE")
	saw(t, "X-RateLimit", "of %v, a 403 by policy has %v", limitHeaders,
		slices.DeleteFunc(slices.Clone(limitHeaders), func(name string) bool { return a.header.Get(name) == "" }))
}

// Not a promise of a time: how long this deployment takes, from here.
func TestVerificationIsQuick(t *testing.T) {
	k := newKey(t, admin(t).token, nil)
	var took []time.Duration
	for range 40 {
		began := time.Now()
		get(t, k.Key, me).is(t, 200)
		took = append(took, time.Since(began).Round(time.Millisecond))
	}
	slices.Sort(took)
	saw(t, "latency", "GET %s, authorizer and function, one after the other: median %v, nine in ten within %v, slowest %v", me, took[20], took[36], took[39])
	if took[36] > 5*time.Second {
		t.Errorf("nine in ten within %v", took[36])
	}
}
