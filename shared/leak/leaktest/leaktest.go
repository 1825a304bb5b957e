// Package leaktest plays the scanner: it publishes keys, and signs reports.
package leaktest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// A Scanner signs with one key, and publishes it at URL.
type Scanner struct {
	URL, ID string
	key     *ecdsa.PrivateKey
	reads   atomic.Int64
	status  atomic.Int64 // of its answer
}

// New makes a scanner, which lives as long as the test.
func New(t testing.TB) *Scanner {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &Scanner{ID: rand.Text(), key: key}
	s.Fail(http.StatusOK)
	list := List(Published{s.ID, PEM(t, &key.PublicKey)})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.reads.Add(1)
		w.WriteHeader(int(s.status.Load()))
		_, _ = w.Write(list)
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Reads returns how often the key was read.
func (s *Scanner) Reads() int { return int(s.reads.Load()) }

// Fail makes it answer with that status from now on.
func (s *Scanner) Fail(status int) { s.status.Store(int64(status)) }

// Sign signs a report.
func (s *Scanner) Sign(t testing.TB, body string) string {
	t.Helper()
	digest := sha256.Sum256([]byte(body))
	signature, err := ecdsa.SignASN1(rand.Reader, s.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// A Published key is one in a list of keys.
type Published struct {
	ID  string `json:"key_identifier"`
	PEM string `json:"key"`
}

// List returns a list of keys in GitHub's form.
func List(keys ...Published) []byte {
	text, err := json.Marshal(map[string]any{"public_keys": keys})
	if err != nil {
		panic(err)
	}
	return text
}

// PEM returns the text of a public key.
func PEM(t testing.TB, key *ecdsa.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// Serve publishes keys.
func Serve(t testing.TB, keys ...Published) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(List(keys...)) }))
	t.Cleanup(server.Close)
	return server
}
