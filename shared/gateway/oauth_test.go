package gateway_test

import (
	"context"
	"errors"
	"testing"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestOAuthWordsEveryRefusalAsRFC6749Does(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		body   string
	}{
		{problem.BodyTooLarge, 413, `{"error":"invalid_request","error_description":"The body is larger than 64 KiB"}`},
		{problem.RateLimitExceeded, 429, `{"error":"temporarily_unavailable","error_description":"Too many requests; see Retry-After"}`},
		{context.DeadlineExceeded, 503, `{"error":"temporarily_unavailable","request_id":"test-request"}`},
		{errors.New("a detail for us alone"), 503, `{"error":"temporarily_unavailable","request_id":"test-request"}`},
		{&problem.Problem{Status: 400, Code: "invalid_scope"}, 400, `{"error":"invalid_scope"}`},
	} {
		f := gateway.OAuth(storetest.New(t), nil, func(context.Context, *gateway.Request) (gateway.Response, error) {
			return gateway.Response{}, c.err
		})
		a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/oauth/token"})
		of := " for: " + c.err.Error()
		expect.Same(t, "the status"+of, a.Status, c.status)
		expect.Same(t, "the body"+of, a.Body, c.body)
		expect.Same(t, "Content-Type"+of, a.Header["Content-Type"], "application/json")
		expect.Same(t, "Cache-Control"+of, a.Header["Cache-Control"], "no-store")
	}
}
