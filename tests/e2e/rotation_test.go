//go:build e2e

package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// rotateSecret does what Secrets Manager does at a rotation: the four steps, with one token. The
// local emulator's RotateSecret calls no function.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
func rotateSecret(t testing.TB, function, secret string) {
	t.Helper()
	_, arn := readSecret(t, secret)
	token := strings.ToLower(rand.Text() + rand.Text())[:36]
	for _, step := range []string{"createSecret", "setSecret", "testSecret", "finishSecret"} {
		if answer, failed := callFunction(t, function, object{"Step": step, "SecretId": arn, "ClientRequestToken": token}); failed {
			t.Fatalf("%s: %s", step, answer)
		}
	}
}

// age makes a ring's spare an hour older than it is, so that the next rotation uses it although
// running functions may not have read it yet. That is harder than what an operator can do.
func age(t testing.TB, secret string) {
	t.Helper()
	const form = "20060102T150405Z"
	ring, arn := readSecret(t, secret)
	newest := slices.Max(slices.DeleteFunc(slices.Collect(maps.Keys(ring)), func(v string) bool { return v == "current" || len(v) != len(form) }))
	older := time.Now().UTC().Add(-time.Hour).Format(form)
	if at, err := time.Parse(form, ring["current"]); err == nil { // still after the current one
		older = at.Add(time.Second).Format(form)
	}
	ring[older] = ring[newest]
	delete(ring, newest)
	text, err := json.Marshal(ring)
	if err != nil {
		t.Fatal(err)
	}
	_, err = manager(t).PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &arn, SecretString: aws.String(string(text))})
	if err != nil {
		t.Fatal(err)
	}
}

// pressure sends requests with every kind of credential, old and new, until stop.
type pressure struct {
	t       testing.TB
	stop    context.CancelFunc
	done    sync.WaitGroup
	mu      sync.Mutex
	sent    int
	refused []string
}

func (l *pressure) note(what string, a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sent++; a.status >= 400 && a.status != 429 {
		l.refused = append(l.refused, fmt.Sprintf("%s: %d %s", what, a.status, a.body))
	}
}

func startLoad(t testing.TB, credentials map[string]string, workers int) *pressure {
	ctx, stop := context.WithCancel(t.Context())
	l := &pressure{t: t, stop: stop}
	for range workers {
		l.done.Go(func() {
			for ctx.Err() == nil {
				for what, credential := range credentials {
					l.note(what, get(t, credential, me))
				}
			}
		})
	}
	return l
}

func TestRotationUnderLoadRefusesNoValidRequest(t *testing.T) {
	needs(t, theSecret)
	needs(t, theProcesses)
	p := member(t)
	k := newKey(t, p.token, object{"scopes": []string{"read:stats"}})
	pair := post(t, "", "/api/auth/login", object{"email": p.Email, "password": p.password}).is(t, 200)
	client := func(k key) string {
		return send(t, request{method: "POST", path: "/oauth/token", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
			body: "grant_type=client_credentials&client_id=" + k.ID + "&client_secret=" + k.Key}).is(t, 200).text(t, "access_token")
	}
	// A process reads a secret again at most once in ten seconds, and an earlier test may have made it do so.
	kill(processesOf(t, "AuthorizerFunction")...)
	l := startLoad(t, map[string]string{"key": k.Key, "session": p.token, "access": pair.text(t, "access_token"), "client": client(k)}, 4)
	for range 3 {
		for function, secret := range map[string]string{"SigningRotateFunction": "SigningSecret", "PepperRotateFunction": "PepperSecret"} {
			rotateSecret(t, function, secret)
			age(t, secret)
		}
		// Others use the old version for up to five minutes: so those that make keys and tokens are
		// ahead of those that check them.
		kill(processesOf(t, "ApiKeysCreateFunction", "OauthTokenFunction", "TokensRefreshFunction")...)
		fresh := newKey(t, p.token, object{"scopes": []string{"read:stats"}})
		for range 20 {
			l.note("new key", get(t, fresh.Key, me))
		}
		l.note("new client token", get(t, client(fresh), me))
		pair = post(t, "", "/api/auth/refresh", object{"refresh_token": pair.text(t, "refresh_token")}).is(t, 200)
		l.note("refreshed token", get(t, pair.text(t, "access_token"), me))
	}
	l.stop()
	l.done.Wait()
	t.Logf("%d requests, %d refused", l.sent, len(l.refused))
	for _, one := range l.refused[:min(len(l.refused), 10)] {
		t.Error(one)
	}
}

func TestKeyHasItsHashUnderTheCurrentPepperAMinuteAfterItsUse(t *testing.T) {
	needs(t, theProcesses)
	needs(t, theSecret)
	needs(t, theTable)
	p := member(t)
	k := newKey(t, p.token, nil)
	was := pepperOf(t, k.ID)
	for range 2 {
		rotateSecret(t, "PepperRotateFunction", "PepperSecret")
		age(t, "PepperSecret")
	}
	ring, _ := readSecret(t, "PepperSecret")
	if ring["current"] == was {
		t.Fatalf("version %s of the pepper is still current", was)
	}
	kill(processesOf(t, "AuthorizerFunction", "UsesCountFunction")...) // others notice within five minutes
	get(t, k.Key, me).is(t, 200)
	for deadline := time.Now().Add(time.Minute); pepperOf(t, k.ID) == was; time.Sleep(time.Second) {
		if time.Now().After(deadline) {
			t.Fatalf("the key's hash still has version %s of the pepper", was)
		}
	}
	get(t, k.Key, me).is(t, 200)
	answer, failed := callFunction(t, "PepperRotateFunction", object{})
	if failed {
		t.Fatalf("the keys cannot be counted: %s", answer)
	}
	t.Logf("keys by the version of their pepper: %s", answer)
}

// pepperOf returns the version of the pepper under a key's hash.
func pepperOf(t testing.TB, id string) string {
	t.Helper()
	for _, text := range tableItems(t) {
		var it struct {
			ID   string `json:"id"`
			Hash string `json:"key_hash"`
		}
		if json.Unmarshal([]byte(text), &it) == nil && it.ID == id && it.Hash != "" {
			version, _, _ := strings.Cut(it.Hash, ":")
			return version
		}
	}
	t.Fatalf("no key %s in the table", id)
	return ""
}
