package main

import (
	"time"

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

func authorizerFromEnv(e *env.Reader) *authorizer {
	e.Required("MODE")
	return &authorizer{
		settings: settings{
			mode:   e.Either("MODE", modeEdge, modeFunction),
			own:    e.Either("GUARDS", "others", "latchkey") == "latchkey",
			simple: e.Either("HTTP_API_RESPONSE", "policy", "simple") == "simple",
		},
		authn:  authn.FromEnv(e, store.FromEnv(e)),
		limits: ratelimit.FromEnv(e),
		now:    time.Now,
	}
}
