// POST /v1/auth/login/passkey and POST /api/auth/passkey: a passkey signs in without a password.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s, answers := store.FromEnv(e), mfa.AnswersFromEnv(e)
	h := handler{mfa.NewLogin(mfa.CheckerFromEnv(e, s), answers.Issuer.Tokens, e.Int("MAX_SESSIONS", 0)).Telling(outbox.FromEnv().Teller()), answers}
	return gateway.Public(s, ratelimit.FromEnv(e).For(ratelimit.Auth), h.serve)
}
