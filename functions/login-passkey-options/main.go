// POST /v1/auth/login/passkey/options: what a browser needs to ask for a passkey.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s, tokens := store.FromEnv(e), token.FromEnv(e)
	h := handler{s, mfa.NewLogin(mfa.CheckerFromEnv(e, s), tokens, 0), tokens, passkey.FromEnv(e)}
	return gateway.Public(s, ratelimit.FromEnv(e).For(ratelimit.Auth), h.serve)
}
