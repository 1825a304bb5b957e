// Package process runs a Lambda function: it makes the handler and gives it to Lambda.
package process

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

// Start makes the handler and gives it to Lambda. If it cannot be made, the process logs
// why and ends: half a service serves nothing.
func Start[Handler any](build func() (Handler, error)) {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	handler, err := build()
	if err != nil {
		slog.Error("the function cannot start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(InTime(lambda.NewHandler(handler)))
}
