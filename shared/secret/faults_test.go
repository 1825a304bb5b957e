package secret_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/tests/expect"
	"github.com/latchkey/latchkey/tests/faults"
)

// pepperOver is the pepper as a function reads it, from a Secrets Manager over a line with faults.
func pepperOver(t *testing.T, line *faults.Line, ring string) *secret.Source {
	t.Helper()
	text, err := json.Marshal(map[string]string{"SecretString": ring})
	if err != nil {
		t.Fatal(err)
	}
	manager := httptest.NewServer(line.To(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = w.Write(text)
	})))
	t.Cleanup(manager.Close)
	for name, value := range map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": manager.URL, "PEPPER_SECRET_ARN": "pepper",
	} {
		t.Setenv(name, value)
	}
	source, err := env.Build(func(e *env.Reader) *secret.Source { return secret.Pepper(e) })()
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func TestFaultOfSecretsManagerIsAnErrorOrTheSecretAndIsOverWhenTheFaultIs(t *testing.T) {
	for _, fault := range faults.All {
		line := &faults.Line{}
		source := pepperOver(t, line, `{"current":"1","1":"`+one+`"}`)
		line.FailAtRate(1, fault)
		few, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		if ring, err := source.Ring(few); err == nil && fault != faults.Checksum { // only DynamoDB's answers have one
			t.Errorf("%s: a ring of %v", fault, ring.Versions())
		}
		cancel()
		line.FailAtRate(0)
		ring, err := source.Ring(ctx)
		if err != nil {
			t.Errorf("after %s: %v", fault, err)
		}
		_, value := ring.Current()
		expect.Same(t, "the secret after "+string(fault), string(value), one)
	}
}

func TestSecretThatWasReadStaysThroughEveryFaultAndNoOtherVersionIsInvented(t *testing.T) {
	for _, fault := range faults.All {
		line := &faults.Line{}
		source := pepperOver(t, line, `{"current":"1","1":"`+one+`"}`)
		if _, err := source.Ring(ctx); err != nil {
			t.Fatal(err)
		}
		line.FailAtRate(1, fault)
		few, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		if _, err := source.RingWith(few, "2"); err == nil && fault != faults.Checksum {
			t.Errorf("%s: it is not an error to ask for a version that may be there", fault)
		}
		cancel()
		ring, err := source.RingWith(ctx, "1")
		if err != nil {
			t.Errorf("%s: the version that was read: %v", fault, err)
		}
		expect.Same(t, string(fault)+": that version 2 is there", ring.Has("2"), false)
	}
}

func TestFaultOfSecretsManagerThatNeverEndsTakesThreeSecondsAtMost(t *testing.T) {
	line := &faults.Line{}
	source := pepperOver(t, line, "")
	line.FailAtRate(1, faults.Throttled)
	began := time.Now()
	_, err := source.Ring(ctx)
	expect.Same(t, "it is an error", err != nil, true)
	if took := time.Since(began); took > 3500*time.Millisecond {
		t.Errorf("it took %s", took)
	}
}
