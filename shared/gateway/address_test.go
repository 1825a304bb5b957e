package gateway_test

import (
	"context"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/gateway"
)

// url is what a function sees of where it was called: path and resource are the event's, and
// mounted is requestContext.path.
func url(t *testing.T, mounted, path, resource string, parameters map[string]string, header map[string]string) string {
	t.Helper()
	var got string
	f := gateway.Unlimited(func(_ context.Context, r *gateway.Request) (gateway.Response, error) {
		got = r.BaseURL()
		return gateway.NoContent(), nil
	})
	_, err := f(context.Background(), events.APIGatewayProxyRequest{
		Path: path, Resource: resource, PathParameters: parameters, Headers: header,
		RequestContext: events.APIGatewayProxyRequestContext{Path: mounted},
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRow11TheBaseURLIsWhereTheCallerReachedTheAPI(t *testing.T) {
	https := map[string]string{"Host": "api.example.com", "X-Forwarded-Proto": "https"}
	local := map[string]string{"host": "127.0.0.1:4566", "x-forwarded-proto": "http"}
	id := func(value string) map[string]string { return map[string]string{"id": value} }
	const token, events = "/oauth/token", "/v1/runs/{id}/events"
	for _, c := range []struct {
		name, mounted, path, resource string
		parameters                    map[string]string
		header                        map[string]string
		want                          string
	}{
		{"a stage", "/prod/oauth/token", token, token, nil, https, "https://api.example.com/prod"},
		{"no scheme told", "/prod/oauth/token", token, token, nil, map[string]string{"Host": "api.example.com"}, "https://api.example.com/prod"},
		{"a custom domain", token, token, token, nil, https, "https://api.example.com"},
		{"its base path", "/auth/oauth/token", "/auth/oauth/token", token, nil, https, "https://api.example.com/auth"},
		{"a base path of two segments", "/a/b/oauth/token", "/a/b/oauth/token", token, nil, https, "https://api.example.com/a/b"},
		{"a base path called as a stage", "/prod/oauth/token", "/prod/oauth/token", token, nil, https, "https://api.example.com/prod"},
		{"a base path called as a route", "/oauth/oauth/token", "/oauth/oauth/token", token, nil, https, "https://api.example.com/oauth"},
		{"the long local address", "/_aws/execute-api/abc/prod/oauth/token", token, token, nil, local, "http://127.0.0.1:4566/_aws/execute-api/abc/prod"},
		{"the short local address", token, token, token, nil, local, "http://127.0.0.1:4566"},
		{"a slash at the end", "/auth/oauth/token/", "/auth/oauth/token/", token, nil, https, "https://api.example.com/auth"},
		{"the root of the API", "/prod/", "/", "/", nil, https, "https://api.example.com/prod"},
		{"a parameter", "/auth/v1/runs/r1/events", "/auth/v1/runs/r1/events", events, id("r1"), https, "https://api.example.com/auth"},
		{"encoded in the path alone", "/auth/v1/runs/a%2Fb/events", "/auth/v1/runs/a/b/events", events, id("a/b"), https, "https://api.example.com/auth"},
		{"encoded in the parameter alone", "/auth/v1/runs/a/b/events", "/auth/v1/runs/a/b/events", events, id("a%2Fb"), https, "https://api.example.com/auth"},
		{"encoded in both", "/auth/v1/runs/a%2Fb/events", "/auth/v1/runs/a%2Fb/events", events, id("a%2Fb"), https, "https://api.example.com/auth"},
		{"a route in another spelling", "/prod/%6Fauth/token", "/%6Fauth/token", token, nil, https, "https://api.example.com/prod"},
	} {
		if got := url(t, c.mounted, c.path, c.resource, c.parameters, c.header); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheParameterIssuerIsThePublicURLIfItIsAURL(t *testing.T) {
	for issuer, want := range map[string]string{
		"https://auth.example.com": "https://auth.example.com", "https://auth.example.com/": "https://auth.example.com/",
		"urn:latchkey:us-east-1:1:latchkey": "https://api.example.com/prod",
	} {
		var got string
		f := gateway.Unlimited(func(_ context.Context, r *gateway.Request) (gateway.Response, error) {
			got = r.PublicURL(issuer)
			return gateway.NoContent(), nil
		})
		if _, err := f(context.Background(), events.APIGatewayProxyRequest{
			Path: "/x", Resource: "/x", Headers: map[string]string{"Host": "api.example.com"},
			RequestContext: events.APIGatewayProxyRequestContext{Path: "/prod/x"},
		}); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", issuer, got, want)
		}
	}
}
