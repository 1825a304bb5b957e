package process_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/process"
)

func TestWhatNeverAnswersIsA503BeforeLambdaEndsTheFunction(t *testing.T) {
	const functionTime = 800 * time.Millisecond
	f := gateway.Unlimited(func(ctx context.Context, _ *gateway.Request) (gateway.Response, error) {
		<-ctx.Done() // a table that takes the call and does not answer
		return gateway.Response{}, ctx.Err()
	})
	ctx, cancel := context.WithTimeout(context.Background(), functionTime)
	defer cancel()
	text, err := process.InTime(lambda.NewHandler(f)).Invoke(ctx, []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Error("Lambda had ended the function by then")
	}
	var answer events.APIGatewayProxyResponse
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != 503 {
		t.Errorf("it answered %d", answer.StatusCode)
	}
	if answer.Headers["Retry-After"] != "1" {
		t.Errorf("Retry-After is %q", answer.Headers["Retry-After"])
	}
}
