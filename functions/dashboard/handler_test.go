package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/tests/expect"
)

func get(t *testing.T, header map[string]string) gatewaytest.Answer {
	t.Helper()
	return gatewaytest.Do(t, gateway.Unlimited(newPages(deployment{maxGrace: 604800}).serve), gatewaytest.Call{Method: "GET", Resource: "/dashboard", Header: header})
}

// between is what stands in the document's one element that starts so.
func between(t *testing.T, document, start, end string) string {
	t.Helper()
	_, rest, ok := strings.Cut(document, start)
	inside, after, ended := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("the document has no %s", start)
	}
	if !ended {
		t.Fatalf("the document has no %s after %s", end, start)
	}
	if strings.Contains(after, start) {
		t.Fatalf("the document has more than one %s", start)
	}
	return inside
}

func TestThePageIsOneDocumentOfLessThan60KBCompressed(t *testing.T) {
	answer := get(t, nil)
	if answer.Status != 200 {
		t.Fatalf("status %d, want 200: %s", answer.Status, answer.Body)
	}
	if answer.Header["Content-Type"] != "text/html; charset=utf-8" {
		t.Fatalf("Content-Type: %v, want text/html; charset=utf-8", answer.Header["Content-Type"])
	}
	if found := regexp.MustCompile(`(?i)<(script|link|img|iframe)[^>]+(src|href)\s*=\s*"?(https?:|/|\.)`).FindString(answer.Body); found != "" {
		t.Errorf("the page asks for more: %s", found)
	}
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	if _, err := w.Write([]byte(answer.Body)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d compressed", len(answer.Body), compressed.Len())
	if compressed.Len() > 60_000 {
		t.Errorf("%d bytes compressed", compressed.Len())
	}
}

func TestThePolicyAllowsThisDocumentsScriptAndStyleAndNoOther(t *testing.T) {
	answer := get(t, nil)
	policy := answer.Header["Content-Security-Policy"]
	for directive, text := range map[string]string{
		"script-src": between(t, answer.Body, `<script type="module">`, "</script>"),
		"style-src":  between(t, answer.Body, "<style>", "</style>"),
	} {
		sum := sha256.Sum256([]byte(text))
		if want := directive + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !slices.Contains(strings.Split(policy, "; "), want) {
			t.Errorf("policy %s\nlacks %s", policy, want)
		}
	}
	for _, want := range []string{"default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy lacks %s", want)
		}
	}
	expect.Same(t, "policy contains unsafe", strings.Contains(policy, "unsafe"), false)
	expect.Same(t, "policy contains *", strings.Contains(policy, "*"), false)
}

func TestTheSettingsCannotEndTheirElement(t *testing.T) {
	text := between(t, get(t, nil).Body, `<script type="application/json" id="settings">`, "</script>")
	var s settings
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "len(s.Scopes)", len(s.Scopes), len(scope.Default().Scopes()))
	expect.Same(t, "len(s.Ceilings)", len(s.Ceilings), 4)
	expect.Same(t, "s.MaxGrace", s.MaxGrace, 604800)
	c, err := scope.ParseCatalogue([]byte(`{"scopes": [{"name": "read:x", "description": "</script><script>alert(1)//"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPage(settingsOf(c, deployment{}))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(p.document, []byte("<script>alert")) {
		t.Error("a description of the catalogue became markup")
	}
}

func TestABrowserThatHasThePageIsSentNone(t *testing.T) {
	first := get(t, nil)
	for _, tag := range []string{first.Header["ETag"], "W/" + first.Header["ETag"], `"other", ` + first.Header["ETag"]} {
		again := get(t, map[string]string{"If-None-Match": tag})
		expect.Same(t, tag+": again's status", again.Status, 304)
		expect.Same(t, tag+": body", again.Body, "")
		if again.Header["Content-Security-Policy"] == "" {
			t.Errorf("%s: Content-Security-Policy is empty", tag)
		}
	}
	if other := get(t, map[string]string{"If-None-Match": `"other"`}); other.Status != 200 {
		t.Errorf("another page's tag: %d", other.Status)
	}
}
