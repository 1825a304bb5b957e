// The export of traces. This function has no route: CloudWatch Logs brings it the lines of requests and of checks, by the
// subscriptions in template.yaml, and it sends a span for each to a collector of OpenTelemetry. No other function knows of it.
//
//	a function's line ─► CloudWatch Logs ─► functions/traces-export ─► the collector
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/process"
)

func main() { process.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) func(context.Context, events.CloudwatchLogsEvent) error {
	h := handler{
		stack:     e.Required("STACK_NAME"),
		percent:   e.Int("TRACES_PERCENT", 1),
		collector: newCollector(secretsmanager.NewFromConfig(awsenv.Config("SECRETS_MANAGER")), e.Required("TRACES_SECRET_ARN")),
	}
	return h.serve
}
