package gateway_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/gateway"
)

// FuzzRequest: no request that API Gateway can pass on is a failure of ours. The handler reads
// all that a handler can read.
func FuzzRequest(f *testing.F) {
	for _, body := range []string{
		`{"name":"x"}`, `{"name":"x","name":"y"}`, `{"NAME":"x"}`, `{"name":7}`, `{}`, `[]`, `null`, ``, ` `, `{`, `{"name":"x"}{}`, `{"name":"\ud800"}`,
		`{"other":1}`, "\x00", `{"list":[1,"x"]}`, `{"number":1e999}`, `{"deep":{"deep":{"deep":{}}}}`, "\xff\xfe",
	} {
		f.Add(body, false, "application/json", "x", "7")
	}
	f.Add("e30=", true, "application/json; charset=utf-8", "%2e%2e", "-1")
	f.Add("e30", true, "text/plain; x", "%zz", "99999999999999999999")
	handler := gateway.Unlimited(func(_ context.Context, r *gateway.Request) (gateway.Response, error) {
		var doc struct {
			Name   string         `json:"name"`
			List   []string       `json:"list"`
			Number int            `json:"number"`
			Deep   map[string]any `json:"deep"`
		}
		if _, err := r.QueryInt("limit", 1, 1, 100); err != nil {
			return gateway.Response{}, err
		}
		if err := r.OptionalJSON(&doc); err != nil {
			return gateway.Response{}, err
		}
		return gateway.JSON(200, map[string]any{"id": r.Path("id"), "agent": r.UserAgent(), "type": r.MediaType(), "name": doc.Name}), nil
	})
	f.Fuzz(func(t *testing.T, body string, encoded bool, kind, id, limit string) {
		answer, err := handler(context.Background(), events.APIGatewayProxyRequest{
			HTTPMethod: "POST", Resource: "/v1/things/{id}", PathParameters: map[string]string{"id": id},
			QueryStringParameters: map[string]string{"limit": limit}, Headers: map[string]string{"Content-Type": kind, "User-Agent": id},
			Body: body, IsBase64Encoded: encoded,
		})
		if err != nil || answer.StatusCode >= 500 || answer.StatusCode < 200 {
			t.Fatalf("%d, %v: %s", answer.StatusCode, err, answer.Body)
		}
		if !json.Valid([]byte(answer.Body)) {
			t.Fatalf("the answer is no JSON: %s", answer.Body)
		}
	})
}
