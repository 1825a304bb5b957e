// Sends a message to somebody, by Amazon SES. This function has no route: others invoke it asynchronously
// (package outbox).
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/process"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { process.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) func(context.Context, outbox.Message) error {
	h := handler{
		store: store.FromEnv(e), ses: sesv2.NewFromConfig(awsenv.Config("SESV2")),
		from: e.Required("MAIL_FROM"), service: e.Required("MAIL_NAME"), base: e.Required("ISSUER"),
		retention: e.Days("AUDIT_RETENTION_DAYS"),
	}
	return h.serve
}
