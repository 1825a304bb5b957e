// The recovery of uses that were not counted. This function has no route: an operator
// invokes it (docs/operations.md), and IAM is its guard.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/process"
	"github.com/latchkey/latchkey/shared/usage"
)

func main() { process.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) func(context.Context, Request) (Answer, error) {
	log := cloudwatchlogs.NewFromConfig(awsenv.Config("CLOUDWATCH_LOGS"))
	return handler{usage.FromEnv(e), log, e.Required("LOG_GROUP_NAME")}.serve
}
