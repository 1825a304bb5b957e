// The rotation of the secret that signs tokens. This function has no route: Secrets Manager calls
// it, once a period where the parameter SigningRotationDays is set.
package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/process"
	"github.com/latchkey/latchkey/shared/rotation"
)

func main() { process.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) func(context.Context, rotation.Request) error {
	return rotation.New(rotation.FromEnv(), e.Required("SIGNING_SECRET_ARN"), keeping(rotation.LongestToken(e), time.Now)).Serve
}
