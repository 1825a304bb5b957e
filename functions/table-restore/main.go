// The way back of items that were lost, out of a table that was restored from a point in time
// (docs/restore.md). This function has no route: an operator invokes it, and IAM is its guard.
package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/process"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { process.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) func(context.Context, Request) (Answer, error) {
	return handler{store.FromEnv(e), e.Days("AUDIT_RETENTION_DAYS")}.serve
}
