package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/problem"
)

// MaxBody is the limit of a request's body in bytes.
const MaxBody = 64 << 10

// A Request is the event that API Gateway sent, with the time at which the function began.
type Request struct {
	Now   time.Time
	event *events.APIGatewayProxyRequest
	out   *outcome
}

// Method returns the HTTP method, in capitals.
func (r *Request) Method() string { return r.event.HTTPMethod }

// Resource returns the route's template, e.g. /v1/runs/{id}/events.
func (r *Request) Resource() string { return r.event.Resource }

// Route returns method and resource: a fixed set of values, without callers' data.
func (r *Request) Route() string { return r.event.HTTPMethod + " " + r.event.Resource }

// API returns the API that was called and its stage: <id>/<stage>.
func (r *Request) API() string {
	return r.event.RequestContext.APIID + "/" + r.event.RequestContext.Stage
}

// Domain returns the host to which the request was sent, as API Gateway knows it.
func (r *Request) Domain() string { return r.event.RequestContext.DomainName }

// ID returns API Gateway's request id.
func (r *Request) ID() string { return r.event.RequestContext.RequestID }

// Address returns the caller's IP address as API Gateway saw it.
func (r *Request) Address() string { return r.event.RequestContext.Identity.SourceIP }

// UserAgent returns the caller's User-Agent, shortened to 256 bytes.
func (r *Request) UserAgent() string {
	ua := r.Header("User-Agent")
	return strings.ToValidUTF8(ua[:min(len(ua), 256)], "")
}

// Header returns a header's value, or "". The case of its name does not matter.
func (r *Request) Header(name string) string {
	for n, v := range r.event.Headers {
		if strings.EqualFold(n, name) {
			return v
		}
	}
	return ""
}

// Path returns a path parameter, decoded. It returns one with invalid percent-encoding unchanged.
func (r *Request) Path(name string) string {
	return unescaped(r.event.PathParameters[name])
}

// Query returns a query parameter, or "".
func (r *Request) Query(name string) string { return r.event.QueryStringParameters[name] }

// QueryInt returns a query parameter that must be a whole number from least to most; otherwise if
// it is absent.
func (r *Request) QueryInt(name string, otherwise, least, most int) (int, error) {
	text, sent := r.event.QueryStringParameters[name]
	if !sent {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, problem.InvalidParameter.WithDetail(
			fmt.Sprintf("%s must be a whole number from %d to %d", name, least, most))
	}
	return n, nil
}

// Body returns the body's bytes, or BODY_TOO_LARGE.
func (r *Request) Body() ([]byte, error) { return r.BodyUpTo(MaxBody, problem.BodyTooLarge) }

// BodyUpTo returns the body's bytes, or an error if there are more than most.
func (r *Request) BodyUpTo(most int, tooLarge error) ([]byte, error) {
	body := []byte(r.event.Body)
	if r.event.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(r.event.Body)
		if err != nil {
			return nil, problem.InvalidParameter.WithDetail("The body is not valid base64")
		}
		body = decoded
	}
	if len(body) > most {
		return nil, tooLarge
	}
	return body, nil
}

// MediaType returns the body's media type in lower case and without parameters, or "".
func (r *Request) MediaType() string {
	header := r.Header("Content-Type")
	if header == "" {
		return ""
	}
	t, _, err := mime.ParseMediaType(header)
	if err != nil {
		return "invalid"
	}
	return t
}

// JSON reads the body into v, a pointer to a struct whose fields all have a json tag. The body must
// be one JSON object with no other names than those, to the letter, and no name twice.
func (r *Request) JSON(v any) error { return r.object(v, "", "application/json") }

// MergePatch is JSON for a body that may also say that it is a JSON merge patch (RFC 7396).
func (r *Request) MergePatch(v any) error {
	return r.object(v, "", "application/json", "application/merge-patch+json")
}

func (r *Request) object(v any, types ...string) error {
	body, err := r.Body()
	if err != nil {
		return err
	}
	if !slices.Contains(types, r.MediaType()) {
		return problem.UnsupportedMediaType
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return problem.InvalidJSON.WithDetail("The body is empty; send a JSON object")
	}
	return readObject(body, v)
}

// readObject reads a JSON object into v, as JSON does.
func readObject(text []byte, v any) error {
	trimmed := bytes.TrimSpace(text)
	if !json.Valid(trimmed) {
		return problem.InvalidJSON
	}
	if trimmed[0] != '{' {
		return problem.Validation(problem.Field{Field: "", Message: "the body must be a JSON object"})
	}
	if err := checkNames(trimmed, reflect.TypeOf(v)); err != nil {
		return err
	}
	if err := json.Unmarshal(trimmed, v); err != nil {
		return fieldError(err)
	}
	return nil
}

// OptionalJSON is JSON for a body that may be absent.
func (r *Request) OptionalJSON(v any) error {
	body, err := r.Body()
	if err == nil && len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	return r.JSON(v)
}

// fieldError turns encoding/json's error about valid JSON into a VALIDATION_ERROR.
func fieldError(err error) error {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return problem.Validation(problem.Field{
			Field: wrongType.Field, Message: "must be " + jsonKind(wrongType.Type),
		})
	}
	return problem.Validation(problem.Field{Field: "", Message: "a value does not have the right form"})
}

// jsonKind names what JSON must have for a value of the type.
func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return jsonKind(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return "a whole number"
	}
}
