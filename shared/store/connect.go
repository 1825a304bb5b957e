package store

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
)

// newClient returns net/http's client over the SDK's connections. The SDK's own client wraps them once more, so that
// net/http cannot know that they end a request with its context: to keep the timeout, it would start a goroutine for
// each request.
func newClient() *http.Client {
	connections := awshttp.NewBuildableClient().GetTransport()
	connections.MaxIdleConnsPerHost = 16
	return &http.Client{
		Transport: connections, Timeout: attemptTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // DynamoDB has none
	}
}

// An endpoint is the one address of a client. The SDK would find it out again for each call, from what does not change.
type endpoint func() (smithyendpoints.Endpoint, error)

// o has what the configuration and the environment say.
func endpointOf(o dynamodb.Options) endpoint {
	return sync.OnceValues(func() (smithyendpoints.Endpoint, error) {
		return dynamodb.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), dynamodb.EndpointParameters{
			Region: &o.Region, Endpoint: o.BaseEndpoint,
			UseDualStack: aws.Bool(o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
			UseFIPS:      aws.Bool(o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		}.WithDefaults())
	})
}

// ResolveEndpoint implements the SDK's interface.
func (e endpoint) ResolveEndpoint(context.Context, dynamodb.EndpointParameters) (smithyendpoints.Endpoint, error) {
	return e()
}

// Connect opens the first connection to DynamoDB, for a caller that has to wait for something else before its first
// call: on AWS, a look-up of the name and two handshakes. It sends nothing. It begins a request and gives it up while
// the connection is being made, which net/http then finishes and keeps for the next. Where that fails, the first call
// opens a connection itself.
func (s *Store) Connect(ctx context.Context) {
	o := s.db.Options()
	if _, ok := o.HTTPClient.(*http.Client); !ok {
		return // a test's client, which may have connections already
	}
	endpoint, err := o.EndpointResolverV2.ResolveEndpoint(ctx, dynamodb.EndpointParameters{})
	if err != nil {
		return
	}
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{ConnectStart: func(string, string) { giveUp() }})
	never, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint.URI.String(), nil)
	if err != nil {
		return
	}
	if answer, err := o.HTTPClient.Do(never); err == nil {
		_ = answer.Body.Close()
	}
}
