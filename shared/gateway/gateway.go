// Package gateway turns a handler into a Lambda function behind API Gateway.
//
//	event ─► Protected ─► principal or refusal, from the authorizer's context
//	                   └► Handler(ctx, request, principal) ─► Response or error
//	event ─► Public ─► count of the address ─► PublicHandler(ctx, request)
//	event ─► OAuth  ─► the same, and refusals in the words of RFC 6749
//
// All three turn an error into a problem, which happens nowhere else, and log one structured line
// for each request.
package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/process"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/ratelimit"
)

// A Handler serves a route behind the authorizer.
type Handler func(ctx context.Context, r *Request, p Principal) (Response, error)

// A PublicHandler serves a route that anybody may call.
type PublicHandler func(ctx context.Context, r *Request) (Response, error)

// A Function is what Lambda invokes.
type Function func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error)

// A Response is a handler's answer. A Body that is []byte is sent unchanged, any other as JSON. A
// nil Body is not sent.
type Response struct {
	Status int
	Header map[string]string
	Body   any
}

// JSON returns an answer with a JSON body.
func JSON(status int, body any) Response { return Response{Status: status, Body: body} }

// NoContent returns a 204.
func NoContent() Response { return Response{Status: 204} }

// Protected serves a route behind the authorizer. h runs only for a principal of type user, key
// or client, or of a type in also.
func Protected(h Handler, also ...PrincipalType) Function {
	allowed := append([]PrincipalType{User, Key, Client}, also...)
	return serve(func(ctx context.Context, r *Request, out *outcome) (Response, error) {
		claims := authorizerContext(r.event.RequestContext.Authorizer)
		out.limit = claims.limit()
		p, err := claims.resolve(allowed)
		if err != nil {
			return Response{}, err
		}
		out.principal = string(p.Type()) + ":" + p.ID()
		return h(ctx, r, p)
	})
}

// Unlimited serves a public route whose requests are not counted.
func Unlimited(h PublicHandler) Function {
	return serve(func(ctx context.Context, r *Request, _ *outcome) (Response, error) { return h(ctx, r) })
}

// A Counter counts the requests of callers that have no credential. Many processes count
// one subject at the same time, so an implementation must decide and count in one atomic
// step that all of them see:
//
//   - in one window it admits at most limit.Max requests of a subject, however many
//     callers count at once, and it never refuses a request below the limit;
//   - it refuses with an error, together with the State whose Remaining is 0; a refused
//     request may or may not count;
//   - if it cannot count, it returns an error and the zero State: the request is then not
//     served;
//   - it admits everything if limit is nil.
type Counter interface {
	CountPublic(ctx context.Context, subject string, limit *ratelimit.Limit, now time.Time) (ratelimit.State, error)
}

// Public serves a public route whose requests are counted by the caller's address.
func Public(counter Counter, limit *ratelimit.Limit, h PublicHandler) Function {
	return serve(counted(counter, limit, h))
}

// OAuth is Public for an OAuth endpoint: every refusal has the form of RFC 6749 §5.2.
func OAuth(counter Counter, limit *ratelimit.Limit, h PublicHandler) Function {
	public := counted(counter, limit, h)
	return serve(func(ctx context.Context, r *Request, out *outcome) (Response, error) {
		out.oauth = true
		return public(ctx, r, out)
	})
}

func counted(counter Counter, limit *ratelimit.Limit, h PublicHandler) func(context.Context, *Request, *outcome) (Response, error) {
	return func(ctx context.Context, r *Request, out *outcome) (Response, error) {
		state, err := counter.CountPublic(ctx, "address:"+ratelimit.Subject(r.Address()), limit, r.Now)
		out.limit = state
		if err != nil {
			return Response{}, Limited(state, err)
		}
		return h(ctx, r)
	}
}

// Limited returns the 429, with the headers of the count, if the error says that the limit is
// reached. It returns any other error unchanged.
func Limited(state ratelimit.State, err error) error {
	if state.Max == 0 || state.Remaining > 0 {
		return err
	}
	p := problem.RateLimitExceeded.WithHeader("Retry-After", fmt.Sprint(state.RetryAfter))
	for name, value := range state.Headers() {
		p = p.WithHeader(name, value)
	}
	return p
}

// OverQuota returns QUOTA_EXCEEDED with its Retry-After, which credits have not.
func OverQuota(s quota.State) *problem.Problem {
	if s.RetryAfter == 0 {
		return problem.QuotaExceeded
	}
	return problem.QuotaExceeded.WithHeader("Retry-After", fmt.Sprint(s.RetryAfter))
}

// Start makes the function and gives it to Lambda. A function that cannot be made ends
// the process: nothing is served by half a service.
func Start(build func() (Function, error)) { process.Start(build) }

// outcome collects, while a request is served, the data for its log line and headers.
type outcome struct {
	principal string
	target    string // the id of what the request is about
	limit     ratelimit.State
	oauth     bool // refusals have the form of RFC 6749
}

// Caller sets the caller of a public route for its log line, once it is authenticated, and its
// limit for the headers. Of the limits of caller and address, the headers show the one that is
// nearer; a quota has only the caller.
func (r *Request) Caller(principal string, limit ratelimit.State) {
	r.out.principal, r.out.limit.Quota = principal, limit.Quota
	if limit.Max != 0 && (r.out.limit.Max == 0 || limit.Remaining < r.out.limit.Remaining) {
		r.out.limit = limit
	}
}

// Concerns sets the id of what the request is about, for its log line, where the path does not name it.
func (r *Request) Concerns(id string) { r.out.target = id }

func serve(h func(context.Context, *Request, *outcome) (Response, error)) Function {
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		var out outcome
		r := &Request{Now: time.Now().UTC().Truncate(time.Millisecond), event: &event, out: &out}
		res, err := guard(ctx, r, &out, h)
		var body []byte
		if err == nil {
			body, err = encode(res.Body)
		}
		var shown *problem.Problem
		if err != nil {
			shown = problem.From(err)
			res, body = out.refusal(r, shown)
		}
		log(ctx, r, out, res.Status, shown, err, time.Since(r.Now))
		return finish(r, res, body, out.limit), nil
	}
}

// guard runs a handler, and returns a panic as an error.
func guard(ctx context.Context, r *Request, out *outcome, h func(context.Context, *Request, *outcome) (Response, error)) (res Response, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return h(ctx, r, out)
}

func encode(body any) ([]byte, error) {
	switch b := body.(type) {
	case nil:
		return nil, nil
	case []byte:
		return b, nil
	}
	return json.Marshal(body)
}

func (o outcome) refusal(r *Request, p *problem.Problem) (Response, []byte) {
	header, body := map[string]string{}, p.OAuthBody(r.ID())
	if !o.oauth {
		header["Content-Type"], body = "application/problem+json", p.Body(r.ID(), r.Resource())
	}
	maps.Copy(header, p.Header)
	return Response{Status: p.Status, Header: header}, body
}

func finish(r *Request, res Response, body []byte, limit ratelimit.State) events.APIGatewayProxyResponse {
	header := map[string]string{
		"Cache-Control":          "no-store",
		"X-Content-Type-Options": "nosniff",
	}
	if body != nil {
		header["Content-Type"] = "application/json"
	} else { // API Gateway would call it JSON, and a client that reads nothing as JSON fails
		header["Content-Type"] = "text/plain; charset=utf-8"
	}
	maps.Copy(header, limit.Headers())
	maps.Copy(header, corsHeaders(r.Header("Origin")))
	maps.Copy(header, res.Header)
	return events.APIGatewayProxyResponse{StatusCode: res.Status, Headers: header, Body: string(body)}
}
