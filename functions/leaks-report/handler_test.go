package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/cacheflush"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/leak"
	"github.com/latchkey/latchkey/shared/leak/leaktest"
	"github.com/latchkey/latchkey/shared/oauth/oauthtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
)

// a place is the endpoint, with a scanner that may report to it.
type place struct {
	t       *testing.T
	d       oauthtest.Deployment
	wire    *storetest.Wire
	scanner *leaktest.Scanner
	f       gateway.Function
}

func newPlace(t *testing.T) place {
	t.Helper()
	s, wire := storetest.Wired(t)
	d, scanner := oauthtest.Over(t, s), leaktest.New(t)
	h := handler{
		store: s, authn: d.Authn, keys: leak.NewKeys(scanner.URL, time.Now), scanner: "api.example.com", retention: time.Hour,
		unsigned:  newUnsigned(&ratelimit.Limit{Category: ratelimit.Auth, Max: 3, Window: 24 * time.Hour}),
		resources: oauthtest.Resources(t), flush: &cacheflush.Flusher{},
	}
	return place{t, d, wire, scanner, gateway.Unlimited(h.serve)}
}

func (p place) send(body, signature string) gatewaytest.Answer {
	p.t.Helper()
	return gatewaytest.Do(p.t, p.f, gatewaytest.Call{Method: "POST", Resource: "/v1/leaks", Body: body, Header: map[string]string{
		"GITHUB-PUBLIC-KEY-IDENTIFIER": p.scanner.ID, "GITHUB-PUBLIC-KEY-SIGNATURE": signature,
	}})
}

// report reports texts, and returns the label of each.
func (p place) report(texts ...string) map[string]string {
	p.t.Helper()
	var matches []leak.Match
	for _, text := range texts {
		matches = append(matches, leak.Match{Token: text, Type: "latchkey_api_key", URL: "https://github.com/a/b/blob/c/d.txt", Source: "commit"})
	}
	body, err := json.Marshal(matches)
	if err != nil {
		p.t.Fatal(err)
	}
	answer := p.send(string(body), p.scanner.Sign(p.t, string(body)))
	var verdicts []leak.Verdict
	if err := json.Unmarshal([]byte(answer.Body), &verdicts); err != nil || answer.Status != 200 || len(verdicts) != len(texts) {
		p.t.Fatalf("status %d: %v: %s", answer.Status, err, answer.Body)
	}
	labels := map[string]string{}
	for i, v := range verdicts {
		hash := sha256.Sum256([]byte(texts[i]))
		expect.Same(p.t, "token_hash", v.Hash, hex.EncodeToString(hash[:]))
		expect.Same(p.t, "token_type", v.Type, "latchkey_api_key")
		labels[texts[i]] = v.Label
	}
	return labels
}

const yes, no = "true_positive", "false_positive"

func TestEverySecretThatAScannerReportsIsRevokedAndNothingElse(t *testing.T) {
	p := newPlace(t)
	make := func(kind apikey.Type) (apikey.Key, string) {
		return p.d.Key(func(k *apikey.Key) { k.Type, k.Prefix = kind, kind.Prefix("gf_") })
	}
	want := map[string]string{}
	for _, kind := range []apikey.Type{apikey.Scoped, apikey.Secret, apikey.ReadOnly} {
		_, full := make(kind)
		want[full] = yes
	}
	maker, _ := make(apikey.Scoped)
	want[p.d.Token(maker, "one")], want[p.d.Token(maker, "two", "https://campaigns.example.com")] = yes, yes
	for _, kind := range []token.Type{token.Session, token.Access, token.Refresh} {
		want[p.d.SessionToken(p.d.Session("usr_A"), kind)] = yes
	}
	gone, goneText := p.d.Key(nil)
	p.d.Revoke(gone)
	disabled, disabledText := p.d.Key(func(k *apikey.Key) { at := time.Now(); k.DisabledAt = &at })
	want[disabledText], want[p.d.Token(disabled, "three")] = yes, yes
	bystander, bystanderText := make(apikey.Scoped)
	_, clientText := make(apikey.Client)
	want[goneText] = yes
	want[clientText], want[apikey.New("gf_", bystander.ID)], want[apikey.New("gf_", apikey.NewID())] = no, no, no
	want["some_token"], want[""], want["a.b.c"], want[bystanderText[:len(bystanderText)-1]] = no, no, no, no

	var texts []string
	for text := range want {
		texts = append(texts, text, text) // each in two places
	}
	for range 2 { // the scanner may repeat itself
		for text, label := range p.report(texts...) {
			expect.Same(t, text, label, want[text])
			if label == yes && p.d.Good(text) {
				t.Errorf("%s is still good", text)
			}
		}
	}
	found, err := p.d.Store.Key(t.Context(), disabled.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "a disabled key, which could be enabled again, is", found.State(time.Now()), "revoked")
	for name, text := range map[string]string{"the bystander": bystanderText, "the client key": clientText, "the key of the tokens": p.d.Token(maker, "three")} {
		expect.Same(t, name+" is good", p.d.Good(text), true)
	}
}

func TestRevocationAndItsEntryNameTheScannerAndThePlaceAndAreOne(t *testing.T) {
	p := newPlace(t)
	k, full := p.d.Key(nil)
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	p.report(full)
	slog.SetDefault(before)
	newest := p.d.Actions(k.ID)[0]
	expect.Same(t, "the action", newest.Action, audit.Revoked)
	expect.Same(t, "the actor", newest.Actor, audit.Actor{Type: "scanner", ID: "api.example.com"})
	expect.Same(t, "the detail", fmt.Sprint(newest.Detail), "map[reason:leaked source:commit url:https://github.com/a/b/blob/c/d.txt]")
	expect.Same(t, "the lines for the alarm", strings.Count(out.String(), `"Leaks":1`), 1)
	expect.Same(t, "the line names the key", strings.Contains(out.String(), k.ID), true)
	expect.Same(t, "the log has the secret", strings.Contains(out.String(), full), false)

	_, full = p.d.Key(nil)
	p.wire.Fail(storetest.Repeat(100, storetest.Timeout)...)
	body := `[{"token":"` + full + `"}]`
	expect.Same(t, "the status while the table is down", p.send(body, p.scanner.Sign(t, body)).Status, 503)
	p.wire.Fail()
	expect.Same(t, "the label afterwards", p.report(full)[full], yes)
	expect.Same(t, "the key is good afterwards", p.d.Good(full), false)
}

func TestUnsignedReportIsRefusedLimitedByAddressAndCostsNoCall(t *testing.T) {
	p := newPlace(t)
	_, full := p.d.Key(nil)
	body := `[{"token":"` + full + `"}]`
	p.wire.Calls()
	for i, want := range []int{403, 403, 403, 429, 429} {
		signature := []string{"", "AAAA", p.scanner.Sign(t, body+" ")}[i%3]
		answer := p.send(body, signature)
		expect.Same(t, fmt.Sprintf("the status of attempt %d", i+1), answer.Status, want)
		expect.Same(t, "it shows Retry-After", answer.Header["Retry-After"] != "", want == 429)
	}
	if calls := p.wire.Calls(); len(calls) > 0 {
		t.Errorf("unsigned reports made the calls %v", calls)
	}
	expect.Same(t, "the key is good", p.d.Good(full), true)
	expect.Same(t, "a signed report from that address", p.report(full)[full], yes)
}

func TestSignedReportThatCannotBeReadIsRefused(t *testing.T) {
	p := newPlace(t)
	many := "[" + strings.Repeat(`{"token":"x"},`, 1000) + `{"token":"x"}]`
	for body, want := range map[string]int{
		"": 400, "[": 400, "{}": 422, `"x"`: 422, `[{"token":1}]`: 422, `[1]`: 422, many: 422,
		"[" + strings.Repeat(" ", maxBody) + "]": 413, "[]": 200, `[{"token":"x","new":{"a":1}}]`: 200,
	} {
		if a := p.send(body, p.scanner.Sign(t, body)); a.Status != want {
			t.Errorf("%.40s: %d, want %d: %.200s", body, a.Status, want, a.Body)
		}
	}
	p.scanner.Fail(500)
	h := handler{keys: leak.NewKeys(p.scanner.URL, time.Now), unsigned: newUnsigned(nil), flush: &cacheflush.Flusher{}}
	p.f = gateway.Unlimited(h.serve)
	expect.Same(t, "the status while the scanner's keys cannot be read", p.send("[]", p.scanner.Sign(t, "[]")).Status, 503)
	p.f = gateway.Unlimited(handler{}.serve)
	expect.Same(t, "the status where no scanner is set", p.send("[]", "").Status, 404)
}
