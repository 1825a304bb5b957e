// Answers with what it learns about its caller, behind a REST API and behind an HTTP API.
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	Path, RawPath  string
	RequestContext struct{ Authorizer map[string]any }
}

type answer struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

func main() { lambda.Start(handle) }

func handle(_ context.Context, e event) (answer, error) {
	caller := e.RequestContext.Authorizer
	if inside, ok := caller["lambda"].(map[string]any); ok {
		caller = inside
	}
	body, err := json.Marshal(map[string]any{"caller": caller, "path": e.Path + e.RawPath, "table": os.Getenv("TABLE_NAME")})
	return answer{200, map[string]string{"Content-Type": "application/json"}, string(body)}, err
}
