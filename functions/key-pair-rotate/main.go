// The key pair that signs tokens: CloudFormation has this function make it, and Secrets Manager has
// it rotate the pair, once a period where the parameter SigningRotationDays is set. It has no route.
package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/process"
	"github.com/latchkey/latchkey/shared/rotation"
)

func main() { process.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) func(context.Context, json.RawMessage) (any, error) {
	private, public := e.Required("PRIVATE_KEYS_ARN"), e.Required("PUBLIC_KEYS_ARN")
	return newHandler(rotation.FromEnv(), private, public, e.Required("KEY_PAIR_ALGORITHM"), rotation.LongestToken(e), time.Now).serve
}
