// Campaigns: an API as somebody else would write it. It imports nothing of Latchkey; it
// reads the authorizer's context, and keeps each project's campaigns apart.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		slog.Error("the function cannot start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(api{campaigns{dynamodb.NewFromConfig(cfg), os.Getenv("TABLE_NAME")}}.serve)
}
