package leak_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/leak"
	"github.com/latchkey/latchkey/shared/leak/leaktest"
	"github.com/latchkey/latchkey/tests/expect"
)

// GitHub's own sample, and its key of that time (GitHub Docs, "Secret scanning partner program").
const (
	sampleBody      = `[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]`
	sampleID        = "bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c"
	sampleSignature = "MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg=="
	samplePublic    = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\nAjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==\n-----END PUBLIC KEY-----\n"
)

func TestSampleOfGitHubsDocumentationIsSigned(t *testing.T) {
	server := leaktest.Serve(t, leaktest.Published{ID: sampleID, PEM: samplePublic})
	keys := leak.NewKeys(server.URL, time.Now)
	if err := keys.Verify(t.Context(), sampleID, sampleSignature, []byte(sampleBody)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ id, signature, body string }{
		"another body":         {sampleID, sampleSignature, sampleBody + " "},
		"no signature":         {sampleID, "", sampleBody},
		"no id":                {"", sampleSignature, sampleBody},
		"an unknown id":        {"90a4", sampleSignature, sampleBody},
		"not base64":           {sampleID, "?" + sampleSignature[1:], sampleBody},
		"a cut signature":      {sampleID, sampleSignature[:40], sampleBody},
		"a long signature":     {sampleID, strings.Repeat("A", 1<<20), sampleBody},
		"a signature of zeros": {sampleID, base64.StdEncoding.EncodeToString([]byte{0x30, 6, 2, 1, 0, 2, 1, 0}), sampleBody},
	} {
		if err := keys.Verify(t.Context(), c.id, c.signature, []byte(c.body)); !errors.Is(err, leak.ErrUnsigned) {
			t.Errorf("%s: %v, want ErrUnsigned", name, err)
		}
	}
}

func TestKeysAreReadOnceAnHourAndForInventedIDsOnceAMinute(t *testing.T) {
	s := leaktest.New(t)
	now := time.Now()
	keys := leak.NewKeys(s.URL, func() time.Time { return now })
	verify := func(id string, want error) {
		t.Helper()
		if err := keys.Verify(t.Context(), id, s.Sign(t, "[]"), []byte("[]")); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", id, err, want)
		}
	}
	for range 5 {
		verify(s.ID, nil)
		verify("invented", leak.ErrUnsigned)
	}
	expect.Same(t, "the reads in the first minute", s.Reads(), 1)
	now = now.Add(time.Minute)
	for i := range 5 {
		verify(fmt.Sprint(i), leak.ErrUnsigned)
	}
	verify(s.ID, nil)
	expect.Same(t, "the reads after invented ids a minute later", s.Reads(), 2)
	now = now.Add(time.Hour)
	verify(s.ID, nil)
	expect.Same(t, "the reads an hour later", s.Reads(), 3)
}

func TestKeysThatCannotBeReadAreNoVerdictAndKnownOnesAreGoodForADay(t *testing.T) {
	s := leaktest.New(t)
	now := time.Now()
	keys := leak.NewKeys(s.URL, func() time.Time { return now })
	verify := func(id string) error { return keys.Verify(t.Context(), id, s.Sign(t, "[]"), []byte("[]")) }
	if err := verify(s.ID); err != nil {
		t.Fatal(err)
	}
	s.Fail(http.StatusForbidden)
	now = now.Add(23 * time.Hour)
	if err := verify(s.ID); err != nil {
		t.Errorf("a known key, a day later: %v", err)
	}
	if err := verify("new"); err == nil || errors.Is(err, leak.ErrUnsigned) {
		t.Errorf("a key that may be new: %v", err)
	}
	now = now.Add(time.Hour)
	if err := verify(s.ID); err == nil || errors.Is(err, leak.ErrUnsigned) {
		t.Errorf("a key that was read more than a day ago: %v", err)
	}
}

func TestNothingButAListOfKeysIsRead(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	target := leaktest.New(t)
	digest := sha256.Sum256([]byte("[]"))
	signature, err := ecdsa.SignASN1(rand.Reader, other, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]http.HandlerFunc{
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target.URL, http.StatusFound) },
		"a page":     func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"no keys":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"public_keys":[]}`)) },
		"no PEM": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"public_keys":[{"key_identifier":"a","key":"b"}]}`))
		},
		"too much": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"x":"` + strings.Repeat("x", 1<<20) + `"}`))
		},
		"another curve": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(leaktest.List(leaktest.Published{ID: target.ID, PEM: leaktest.PEM(t, &other.PublicKey)}))
		},
	} {
		server := httptest.NewServer(answer)
		err := leak.NewKeys(server.URL, time.Now).Verify(t.Context(), target.ID, base64.StdEncoding.EncodeToString(signature), []byte("[]"))
		if err == nil || errors.Is(err, leak.ErrUnsigned) {
			t.Errorf("%s: %v, want that the keys cannot be read", name, err)
		}
		server.Close()
	}
	expect.Same(t, "the reads at the redirect's target", target.Reads(), 0)
}

func TestPlaceOfAMatchDoesNotContainTheToken(t *testing.T) {
	m := leak.Match{Token: "gf_secret", URL: "https://example.com/?key=gf_secret", Source: "commit"}
	place := m.Place()
	expect.Same(t, "the url", place["url"], "")
	expect.Same(t, "the source", place["source"], "commit")
	expect.Same(t, "the length of a long url", len(leak.Match{Token: "x", URL: strings.Repeat("a", 2000)}.Place()["url"]), 500)
}
