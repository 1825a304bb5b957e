// The rotation of the pepper under the hashes of API keys. This function has no route: Secrets
// Manager calls it, once a period where the parameter PepperRotationDays is set.
package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/process"
	"github.com/latchkey/latchkey/shared/rotation"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { process.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) func(context.Context, rotation.Request) (map[string]int, error) {
	h := handler{store: store.FromEnv(e), now: time.Now}
	h.rotator = rotation.New(rotation.FromEnv(), e.Required("PEPPER_SECRET_ARN"), h.next)
	return h.serve
}
