package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

type (
	request  = events.APIGatewayProxyRequest
	response = events.APIGatewayProxyResponse
)

type api struct{ campaigns campaigns }

// Bounds of a request.
const (
	maxName = 100
	maxBody = 64 << 10
	maxID   = 64
)

// A refusal is an answer for a caller's mistake.
type refusal struct {
	status       int
	code, detail string
}

func (r refusal) Error() string { return r.detail }

func (a api) serve(ctx context.Context, r request) (response, error) {
	status, body, err := a.route(ctx, r)
	var refused refusal
	switch {
	case err == nil:
	case errors.As(err, &refused):
		status, body = refused.status, problem{refused.detail, refused.code}
	case errors.Is(err, errNotFound):
		status, body = 404, problem{err.Error(), "RESOURCE_NOT_FOUND"}
	default:
		slog.ErrorContext(ctx, "the request failed", "error", err.Error(), "request_id", r.RequestContext.RequestID)
		status, body = 500, problem{"", "INTERNAL_ERROR"}
	}
	return answer(status, body)
}

func (a api) route(ctx context.Context, r request) (status int, body any, err error) {
	// The only lines that know of Latchkey: whose data it is, and who asks. The scopes
	// were enforced before this function was called.
	project, _ := r.RequestContext.Authorizer["project_id"].(string)
	principal, _ := r.RequestContext.Authorizer["principal"].(string)
	if project == "" {
		return 0, nil, errors.New("the authorizer told no project")
	}

	id, one := r.PathParameters["id"]
	if one && (id == "" || len(id) > maxID) {
		return 0, nil, errNotFound
	}
	switch r.HTTPMethod + " " + r.Resource {
	case "GET /api/campaigns":
		list, err := a.campaigns.list(ctx, project)
		return 200, map[string]any{"campaigns": list}, err
	case "POST /api/campaigns":
		name, err := readName(r)
		if err != nil {
			return 0, nil, err
		}
		made := campaign{project, rand.Text(), name, principal}
		return 201, made, a.campaigns.create(ctx, made)
	case "GET /api/campaigns/{id}":
		found, err := a.campaigns.get(ctx, project, id)
		return 200, found, err
	case "PATCH /api/campaigns/{id}":
		name, err := readName(r)
		if err != nil {
			return 0, nil, err
		}
		renamed, err := a.campaigns.rename(ctx, project, id, name)
		return 200, renamed, err
	case "DELETE /api/campaigns/{id}":
		return 204, nil, a.campaigns.remove(ctx, project, id)
	}
	return 0, nil, errNotFound
}

// readName reads the body {"name": "…"}.
func readName(r request) (string, error) {
	text := []byte(r.Body)
	if r.IsBase64Encoded {
		text, _ = base64.StdEncoding.DecodeString(r.Body) // what is not base64 is no JSON either
	}
	if len(text) > maxBody {
		return "", refusal{413, "BODY_TOO_LARGE", "the body is larger than 64 KiB"}
	}
	if !json.Valid(text) {
		return "", refusal{400, "INVALID_JSON", "the body is not valid JSON"}
	}
	var body struct {
		Name string `json:"name"`
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if dec.Decode(&body) != nil || body.Name == "" || utf8.RuneCountInString(body.Name) > maxName {
		return "", refusal{422, "VALIDATION_ERROR", "the body must be {\"name\": …} with 1 to 100 characters"}
	}
	return body.Name, nil
}

type problem struct {
	Detail string `json:"detail,omitempty"`
	Code   string `json:"error_code"`
}

func answer(status int, body any) (response, error) {
	res := response{StatusCode: status, Headers: map[string]string{"Cache-Control": "no-store"}}
	if body == nil {
		return res, nil
	}
	text, err := json.Marshal(body)
	if err != nil {
		return response{}, err
	}
	res.Headers["Content-Type"] = "application/json"
	if status >= 400 {
		res.Headers["Content-Type"] = "application/problem+json"
	}
	res.Body = string(text)
	return res, nil
}
