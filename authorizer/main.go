// The authorizer resolves an API key or a token into a policy for the whole API.
//
//	event (REST REQUEST, REST TOKEN, HTTP API 2.0) ─► request ─► decision ─► policy or simple response
//
// event.go reads the event, handler.go decides and answers, settings.go has the settings of the
// API that it guards.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/process"
)

func main() { process.Start(env.Build(authorizerFromEnv)) }
