// The authorizer resolves an API key or a token into a policy for the whole API.
//
//	event (REST REQUEST, REST TOKEN, HTTP API 2.0) ─► request ─► decision ─► policy or simple response
//
// event.go reads, handler.go decides and answers, settings.go says for whom.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	a, err := fromEnv()
	if err != nil {
		slog.Error("the authorizer cannot start", "error", err.Error())
		os.Exit(1)
	}
	lambda.StartWithOptions(a.handle, lambda.WithEnableSIGTERM(func() { a.uses.Flush(context.Background()) }))
}
