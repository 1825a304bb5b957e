//go:build e2e

package aws

import (
	"encoding/json"
	"testing"
)

// An event is what API Gateway gives a function or, but for the last member, an authorizer.
type event struct {
	Path, Resource, HTTPMethod string
	Headers                    map[string]string
	MultiValueHeaders          map[string][]string
	QueryStringParameters      map[string]string
	PathParameters             map[string]string
	RequestContext             struct {
		Path       string
		RequestID  string
		Identity   struct{ SourceIP string }
		Authorizer struct {
			Event              string // from the probe's authorizer
			Principal, Refusal string // from Latchkey's
		}
	}
}

// event reads the echo of the probe's function.
func (a answer) event(t testing.TB) event {
	t.Helper()
	return readEvent(t, a.body)
}

// authorizers is the event that the authorizer was given and handed on.
func (e event) authorizers(t testing.TB) event {
	t.Helper()
	return readEvent(t, e.RequestContext.Authorizer.Event)
}

func readEvent(t testing.TB, text string) (e event) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("this is no event: %v\n%s", err, text)
	}
	return e
}
