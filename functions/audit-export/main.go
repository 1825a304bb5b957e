// The export of the audit log. This function has no route: Lambda brings it what changes in the
// table, by the event source mapping in template.yaml.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/export"
	"github.com/latchkey/latchkey/shared/process"
)

func main() { process.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) func(context.Context, export.Batch) error {
	return newHandler(s3.NewFromConfig(awsenv.Config("S3")), e.Required("AUDIT_EXPORT_BUCKET"), e.Required("STACK_NAME")).serve
}
