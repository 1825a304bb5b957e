//go:build e2e

package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/leak/leaktest"
	"github.com/latchkey/latchkey/tests/expect"
)

// A scanner reports leaks to the deployment, which reads its keys at LeakKeysUrl.
type scanner struct{ key *ecdsa.PrivateKey }

// scannersKey is one for all tests, because the deployment remembers it for some time.
var scannersKey = sync.OnceValues(func() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) })

func newScanner(t *testing.T) scanner {
	t.Helper()
	needs(t, theScanner)
	key, err := scannersKey()
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(parameter("LeakKeysUrl", ""))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", at.Host)
	if err != nil {
		t.Fatalf("the address of LeakKeysUrl is not free: %v", err)
	}
	list := leaktest.List(leaktest.Published{ID: "e2e", PEM: leaktest.PEM(t, &key.PublicKey)})
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(list) })}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return scanner{key}
}

func (s scanner) report(t *testing.T, body string) answer {
	t.Helper()
	digest := sha256.Sum256([]byte(body))
	signature, err := ecdsa.SignASN1(rand.Reader, s.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return send(t, request{method: "POST", path: "/v1/leaks", body: body, header: map[string]string{
		"Content-Type": "application/json", "Github-Public-Key-Identifier": "e2e", "Github-Public-Key-Signature": base64.StdEncoding.EncodeToString(signature),
	}})
}

func TestLeakedCredentialsAreRevokedOnTheScannersWord(t *testing.T) {
	s, p := newScanner(t), member(t)
	leaked, client, bystander := newKey(t, p.token, nil), newKey(t, p.token, object{"type": "client"}), newKey(t, p.token, nil)
	of := newKey(t, p.token, object{"scopes": []string{"read:stats"}})
	token := post(t, "", "/oauth/token", clientForm(of)).is(t, 200).text(t, "access_token")
	signedIn := member(t)
	session := signedIn.token
	report, err := json.Marshal([]object{
		{"token": leaked.Key, "type": "latchkey_api_key", "url": "https://github.com/a/b", "source": "commit"},
		{"token": client.Key, "type": "latchkey_api_key"}, {"token": "some_token", "type": "latchkey_api_key"},
		{"token": token, "type": "jwt"}, {"token": session, "type": "jwt"},
	})
	if err != nil {
		t.Fatal(err)
	}
	verdicts := decode[[]struct {
		Label string `json:"label"`
	}](t, s.report(t, string(report)).is(t, 200))
	for i, want := range []string{"true_positive", "false_positive", "false_positive", "true_positive", "true_positive"} {
		expect.Same(t, "label", verdicts[i].Label, want)
	}
	get(t, leaked.Key, me).refused(t, 401, "API_KEY_REVOKED")
	get(t, token, me).refused(t, 401, "TOKEN_INVALID")
	get(t, session, me).refused(t, 401, "TOKEN_INVALID")
	said, _ := accountLog(t, admin(t).token, "/v1/users/"+signedIn.ID+"/log")
	expect.Same(t, "the log of the account", said, "registered, signed_in, session_ended")
	for _, good := range []string{client.Key, bystander.Key, of.Key} {
		get(t, good, me).is(t, 200)
	}
	log := get(t, p.token, "/api/v1/auth/api-keys/"+leaked.ID+"/audit-log").is(t, 200)
	entries := decode[struct {
		Entries []struct {
			Action string            `json:"action"`
			Actor  map[string]string `json:"actor"`
			Detail map[string]string `json:"detail"`
		} `json:"entries"`
	}](t, log).Entries
	for _, e := range entries {
		if e.Action == "revoked" {
			expect.Same(t, "the actor's type", e.Actor["type"], "scanner")
			expect.Same(t, "the place", e.Detail["url"], "https://github.com/a/b")
			return
		}
	}
	t.Errorf("the log does not tell of the revocation: %s", log.body)
}

func TestNobodyButTheScannerReportsLeaks(t *testing.T) {
	k := newKey(t, member(t).token, nil)
	for _, signature := range []string{"", "AAAA", "MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg=="} {
		a := send(t, request{method: "POST", path: "/v1/leaks", body: []object{{"token": k.Key}}, header: map[string]string{
			"Github-Public-Key-Identifier": "bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c", "Github-Public-Key-Signature": signature,
		}})
		if a.status == 503 { // while nothing answers at LeakKeysUrl
			expect.Same(t, "the code of the 503", decode[problem](t, a).Code, "SERVICE_UNAVAILABLE")
			continue
		}
		switch code := a.problem(t).Code; {
		case a.status == 404 && code == "RESOURCE_NOT_FOUND" && !reaches(theScanner): // the deployment has none
		case a.status == 403 && code == "FORBIDDEN":
		default:
			t.Errorf("%q: %d %s", signature, a.status, a.body)
		}
	}
	get(t, k.Key, me).is(t, 200)
}
