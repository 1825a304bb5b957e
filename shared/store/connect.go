package store

import (
	"context"
	"net/http"
	"net/http/httptrace"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Connect opens the first connection to DynamoDB, for a caller that has to wait for something else before its first
// call: on AWS, a look-up of the name and two handshakes. It sends nothing. It begins a request and gives it up while
// the connection is being made, which net/http then finishes and keeps for the next. Where that fails, the first call
// opens a connection itself.
func (s *Store) Connect(ctx context.Context) {
	o := s.db.Options()
	if _, ok := o.HTTPClient.(*http.Client); !ok {
		return // a test's client, which may have connections already
	}
	endpoint, err := o.EndpointResolverV2.ResolveEndpoint(ctx,
		dynamodb.EndpointParameters{Region: &o.Region, Endpoint: o.BaseEndpoint}.WithDefaults())
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
