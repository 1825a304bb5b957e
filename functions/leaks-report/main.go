// POST /v1/leaks: a scanner reports credentials that it found in public, and they are revoked (GitHub's
// secret scanning partner programme). Without LEAK_KEYS_URL there is no such route.
package main

import (
	"cmp"
	"net/url"
	"os"
	"time"

	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/cacheflush"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/leak"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/resource"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s := store.FromEnv(e)
	h := handler{
		store:     s,
		authn:     authn.FromEnv(e, s),
		unsigned:  newUnsigned(ratelimit.FromEnv(e).For(ratelimit.Auth)),
		retention: e.Days("AUDIT_RETENTION_DAYS"),
		resources: resource.FromEnv(e),
	}
	if address := os.Getenv("LEAK_KEYS_URL"); address != "" {
		u, err := url.Parse(address)
		e.Fail(err)
		h.keys, h.scanner = leak.NewKeys(address, time.Now), cmp.Or(u, &url.URL{}).Hostname()
	}
	h.flush = cacheflush.FromEnv(e, s)
	return gateway.Unlimited(h.serve)
}
