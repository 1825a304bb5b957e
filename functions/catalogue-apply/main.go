// The deployer's own scopes: read from the object of a bucket, checked, and put in force. No route:
// CloudFormation calls it at a deployment, EventBridge when the object changes, and people at any time.
package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/process"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { process.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) any {
	o := object{s3.NewFromConfig(awsenv.Config("S3")), e.Required("CATALOGUE_BUCKET"), e.Required("CATALOGUE_KEY")}
	return handler{o, store.FromEnv(e), time.Now}.serve
}
