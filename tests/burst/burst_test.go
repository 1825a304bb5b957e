// Package burst holds the authorizer, as it is deployed, to what a key must bear: many
// processes, each of which meets the key for the first time, all at once, on a table that
// cancels overlapping transactions.
package burst

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/usage"
	"github.com/latchkey/latchkey/tests/expect"
	"github.com/latchkey/latchkey/tests/runtimeapi"
)

const (
	processes = 200
	ring      = `{"current":"1","1":"ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"}`
)

func TestBurstWithOneKeyFromColdProcessesIsAnsweredAndCountedWhole(t *testing.T) {
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-o", bootstrap, "../../authorizer")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cfg, table := storetest.Table(t)
	s := store.New(cfg, table)
	k, full := newKey(t, s)
	event, err := json.Marshal(map[string]any{
		"type": "REQUEST", "methodArn": "arn:aws:execute-api:us-east-1:1:abc/prod/GET/v1/auth/me", "resource": "/v1/auth/me",
		"headers": map[string]string{"X-Api-Key": full}, "requestContext": map[string]any{"identity": map[string]string{"sourceIp": "192.0.2.7"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := burst(t, bootstrap, environment(t, table, *cfg.BaseEndpoint), event)
	took := count(t, func() *store.Store { return store.New(cfg, table) }, lines)
	wantUses(t, s, k.ID, processes)
	t.Logf("%d uses of one key, of as many processes, were counted within %v", processes, took.Round(time.Millisecond))
}

// burst gives each of many cold processes the event, all at once, and kills each as soon as it
// has answered. It returns what each printed, and fails for each that did not admit the key.
func burst(t *testing.T, bootstrap string, variables []string, event []byte) []string {
	t.Helper()
	all := make([]*runtimeapi.Process, processes)
	for i := range all {
		all[i] = runtimeapi.Start(t, bootstrap, variables...)
		defer all[i].Kill()
	}
	for i, p := range all {
		select {
		case <-p.Asked:
		case <-time.After(time.Minute):
			t.Fatalf("process %d does not start: %s", i, p.Kill())
		}
	}
	began := time.Now()
	for _, p := range all {
		p.Events <- event
	}
	lines, refused := make([]string, processes), 0
	for i, p := range all {
		select {
		case answer := <-p.Answers:
			lines[i] = p.Kill()
			if !strings.HasPrefix(answer, "response ") || !strings.Contains(answer, `"key_id":`) {
				t.Logf("%s\n%s", answer, lines[i])
				refused++
			}
		case <-time.After(time.Minute):
			t.Fatalf("process %d does not answer: %s", i, p.Kill())
		}
	}
	t.Logf("%d cold processes answered within %v", processes, time.Since(began).Round(time.Millisecond))
	if refused > 0 {
		t.Errorf("%d of %d requests with a good key were not admitted", refused, processes)
	}
	return lines
}

// count brings what each process printed to be counted, all at once, and each to a store of
// its own, as it would be by Lambda. A while later it brings all of it again.
func count(t *testing.T, open func() *store.Store, printed []string) time.Duration {
	t.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for _, text := range printed {
		all.Go(func() {
			counter := usage.New(open(), time.Hour, time.Hour, time.Now)
			counted, err := counter.Count(ctx, linesOf(text))
			if err != nil {
				t.Error(err)
			}
			expect.Same(t, "the lines that were rejected", counted.Rejected, 0)
		})
	}
	all.Wait()
	took := time.Since(began)
	again := usage.New(open(), time.Hour, time.Hour, time.Now)
	counted, err := again.Count(t.Context(), linesOf(strings.Join(printed, "")))
	if err != nil {
		t.Error(err)
	}
	expect.Same(t, "the uses in all lines", counted.Uses, processes)
	expect.Same(t, "the uses that were added when they came again", counted.Added, 0)
	return took
}

func linesOf(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") }

func wantUses(t *testing.T, s *store.Store, keyID string, want int) {
	t.Helper()
	entries, _, err := s.AuditLog(t.Context(), keyID, store.Page{Limit: 100}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	got, refused := 0, 0
	for _, e := range entries { // two with uses, if an hour ended meanwhile
		got, refused = got+e.Count, refused+e.Refusals
	}
	expect.Same(t, "the uses in the log", got, want)
	expect.Same(t, "the refused uses in the log", refused, 0)
}

func newKey(t *testing.T, s *store.Store) (apikey.Key, string) {
	t.Helper()
	r, err := secret.ParseRing(ring)
	if err != nil {
		t.Fatal(err)
	}
	k := apikey.Key{
		ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A", Type: apikey.Scoped, Scopes: []string{"read:stats"}, Generation: 1, CreatedAt: time.Now(),
	}
	full := apikey.New("gf_", k.ID)
	k.Hash = r.MAC(full)
	if err := s.CreateKey(t.Context(), k, audit.New(audit.Created, audit.Source{Now: time.Now()}, time.Hour)); err != nil {
		t.Fatal(err)
	}
	return k, full
}

// environment is the authorizer's, as template.yaml gives it, with the table's address and
// that of the secrets, which this process serves.
func environment(t *testing.T, table, dynamodb string) []string {
	t.Helper()
	answer, err := json.Marshal(map[string]string{"SecretString": ring})
	if err != nil {
		t.Fatal(err)
	}
	secrets := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) }))
	t.Cleanup(secrets.Close)
	return []string{
		"MODE=function", "GUARDS=latchkey", "STACK_NAME=burst", "TABLE_NAME=" + table, "PEPPER_SECRET_ARN=p", "SIGNING_SECRET_ARN=s",
		"ISSUER=urn:burst", "ISSUER_URN=urn:burst", "AUDIENCE=burst", "RATE_LIMIT_WINDOW=60", "RATE_LIMIT_AUTH=60", "RATE_LIMIT_ACCOUNT=20",
		"RATE_LIMIT_MANAGEMENT=300", "RATE_LIMIT_READ=1200", "RATE_LIMIT_WRITE=600", "DEPLOYMENT_ISSUER=urn:burst",
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_ENDPOINT_URL_DYNAMODB=" + dynamodb, "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + secrets.URL,
	}
}
