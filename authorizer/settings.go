package main

import (
	"time"

	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/policy"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/resource"
	"github.com/latchkey/latchkey/shared/store"
)

// Who answers a refused request (the setting MODE).
const (
	// modeFunction lets a refused request through without a principal, and the function's wrapper
	// answers it (package gateway). It is for Latchkey's own API.
	modeFunction = "function"
	// modeEdge refuses here, so that nothing reaches the function. It is for everybody else's
	// APIs.
	modeEdge = "edge"
)

type settings struct {
	mode string
	// own is true for Latchkey's own API (GUARDS=latchkey, not others). Only there is ?token=
	// read, and only there are routes open to kinds of principals.
	own bool
	// simple selects the answer to HTTP APIs (HTTP_API_RESPONSE=simple, not policy). It must be
	// the same as the authorizer's EnableSimpleResponses, which no event contains.
	simple bool
	// resources are the APIs for which clients can ask tokens. A token for one opens no other.
	resources resource.List
}

func authorizerFromEnv(e *env.Reader) *authorizer {
	e.Required("MODE")
	return &authorizer{
		settings: settings{
			mode:   e.Either("MODE", modeEdge, modeFunction),
			own:    e.Either("GUARDS", "others", "latchkey") == "latchkey",
			simple: e.Either("HTTP_API_RESPONSE", "policy", "simple") == "simple",

			resources: resource.FromEnv(e),
		},
		authn:    authn.FromEnv(e, store.FromEnv(e)),
		policies: policy.NewCache(),
		limits:   ratelimit.FromEnv(e),
		now:      time.Now,
	}
}
