// Package process runs a Lambda function: it makes the handler, gives it to Lambda, and
// ends what the function began.
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
	var options []lambda.Option
	if atEnd != nil {
		options = append(options, lambda.WithEnableSIGTERM(atEnd...))
	}
	lambda.StartWithOptions(InTime(lambda.NewHandler(handler)), options...)
}

// AtEnd has f run when Lambda ends the process. Call it while Start builds the handler.
func AtEnd(f func()) { atEnd = append(atEnd, f) }

var atEnd []func()
