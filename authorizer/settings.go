package main

import (
	"fmt"
	"os"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

// Who words a refusal (the setting MODE).
const (
	// modeFunction lets a refused request through without a principal; the function's
	// wrapper answers it (package gateway). For Latchkey's own API.
	modeFunction = "function"
	// modeEdge refuses here: nothing reaches the function. For everybody else's.
	modeEdge = "edge"
)

type settings struct {
	mode string
	// own says that the API is Latchkey's (GUARDS=latchkey, not others): only there do
	// the routes open that the catalogue gives to kinds of principals, and ?token=.
	own bool
	// simple says how HTTP APIs want the answer (HTTP_API_RESPONSE=simple, not policy).
	// It must be as the authorizer's EnableSimpleResponses: no event tells it.
	simple bool
}

func fromEnv() (*authorizer, error) {
	var a authorizer
	var err error
	if a.mode, err = env.Required("MODE"); err != nil {
		return nil, err
	}
	if a.mode, err = oneOf("MODE", modeEdge, modeFunction); err != nil {
		return nil, err
	}
	guards, err := oneOf("GUARDS", "others", "latchkey")
	if err != nil {
		return nil, err
	}
	response, err := oneOf("HTTP_API_RESPONSE", "policy", "simple")
	if err != nil {
		return nil, err
	}
	a.own, a.simple = guards == "latchkey", response == "simple"
	s, err := store.FromEnv()
	if err != nil {
		return nil, err
	}
	if a.authn, err = authn.FromEnv(s); err != nil {
		return nil, err
	}
	if a.limits, err = ratelimit.FromEnv(); err != nil {
		return nil, err
	}
	retention, err := env.Days("AUDIT_RETENTION_DAYS")
	if err != nil {
		return nil, err
	}
	a.uses, a.now = audit.NewRecorder(s, retention), time.Now
	return &a, nil
}

// oneOf is a variable's value, which must be one of two; unset it is the first.
func oneOf(name, first, second string) (string, error) {
	switch value := os.Getenv(name); value {
	case "":
		return first, nil
	case first, second:
		return value, nil
	default:
		return "", fmt.Errorf("environment variable %s is %q, neither %s nor %s", name, value, first, second)
	}
}
