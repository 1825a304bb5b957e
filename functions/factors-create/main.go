// POST /v1/auth/factors: begins an authenticator app or a passkey, or makes new recovery codes.
package main

import (
	"net/url"
	"os"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	h := handler{store.FromEnv(e), factor.NewVault(secret.Factors(e)), passkey.FromEnv(e), e.Required("STACK_NAME"), e.Days("AUDIT_RETENTION_DAYS")}
	if u, err := url.Parse(os.Getenv("ISSUER")); err == nil && u.Host != "" {
		h.issuer = u.Hostname() // a colon ends the issuer in the address of the secret
	}
	return gateway.Protected(h.serve, gateway.Setup)
}
