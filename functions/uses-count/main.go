// The counting of uses. This function has no route: CloudWatch Logs brings it the lines of
// the functions that check credentials, by the subscription in template.yaml.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/process"
	"github.com/latchkey/latchkey/shared/rehash"
	"github.com/latchkey/latchkey/shared/usage"
)

func main() { process.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) func(context.Context, events.CloudwatchLogsEvent) error {
	return handler{usage.FromEnv(e), rehash.FromEnv(e)}.serve
}
