// The first administrator. This function has no route: an operator invokes it once
// (`aws lambda invoke`), and IAM is its guard.
package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/process"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { process.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) func(context.Context, Request) (Answer, error) {
	return handler{store.FromEnv(e), password.CostFromEnv(e), e.Days("AUDIT_RETENTION_DAYS")}.serve
}
