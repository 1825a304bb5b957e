// Package problem owns the errors that a caller sees: application/problem+json (RFC 9457) with an
// error_code. The log shows every error in full. The caller sees an error that is not a *Problem
// as a 503 with nothing but a request id.
package problem

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// A Problem is a refusal as the caller sees it. The values below are shared: to change one, make
// a copy with a With method.
type Problem struct {
	Status int
	Code   string // error_code
	Detail string
	Fields []Field // of a 422
	Header map[string]string
	// Progress is how much a request has done that was too long for one answer: the same request, sent
	// again, goes on.
	Progress map[string]int
}

// A Field is one thing wrong with a request's body or parameters.
type Field struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// WithDetail returns a copy of the problem with another detail.
func (p *Problem) WithDetail(detail string) *Problem {
	q := *p
	q.Detail = detail
	return &q
}

// WithHeader returns a copy of the problem with one more header.
func (p *Problem) WithHeader(name, value string) *Problem {
	q := *p
	q.Header = map[string]string{name: value}
	for n, v := range p.Header {
		q.Header[n] = v
	}
	return &q
}

// Body returns the problem as JSON, in answer to a request for resource. Below /v1/ clients look
// for the members ok and error (the runs dialect), so the body has them there: ok is false, and
// error is the detail, or the title of a 5xx.
func (p *Problem) Body(requestID, resource string) []byte {
	title := http.StatusText(p.Status)
	var ok *bool
	var message string
	if strings.HasPrefix(resource, "/v1/") {
		ok, message = new(bool), cmp.Or(p.Detail, title)
	}
	body, err := json.Marshal(struct {
		OK        *bool   `json:"ok,omitempty"`
		Type      string  `json:"type"`
		Title     string  `json:"title"`
		Status    int     `json:"status"`
		Detail    string  `json:"detail,omitempty"`
		Error     string  `json:"error,omitempty"`
		Code      string  `json:"error_code"`
		RequestID string  `json:"request_id"`
		Fields    []Field `json:"fields,omitempty"`

		Progress map[string]int `json:"progress,omitempty"`
	}{ok, "about:blank", title, p.Status, p.Detail, message, p.Code, requestID, p.Fields, p.Progress})
	if err != nil {
		return []byte(`{"type":"about:blank","title":"Service Unavailable","status":503,"error_code":"SERVICE_UNAVAILABLE"}`)
	}
	return body
}

// One error for each error_code; docs/dialects.md lists them.
var (
	InvalidJSON         = &Problem{Status: 400, Code: "INVALID_JSON", Detail: "The body is not valid JSON"}
	InvalidParameter    = &Problem{Status: 400, Code: "INVALID_PARAMETER", Detail: "A parameter is not valid"}
	MultipleCredentials = &Problem{Status: 400, Code: "MULTIPLE_CREDENTIALS", Detail: "The request carries more than one credential; send one"}

	MissingCredentials = unauthorized("MISSING_CREDENTIALS", "Send an API key or a token", "")
	InvalidCredentials = unauthorized("INVALID_CREDENTIALS", "E-mail or password is wrong", "")
	TokenExpired       = unauthorized("TOKEN_EXPIRED", "Token has expired", "The token has expired")
	TokenInvalid       = unauthorized("TOKEN_INVALID", "Token is not valid", "The token is not valid")
	APIKeyInvalid      = unauthorized("API_KEY_INVALID", "API key is not valid", "The API key is not valid")
	APIKeyExpired      = unauthorized("API_KEY_EXPIRED", "API key has expired", "The API key has expired")
	APIKeyRevoked      = unauthorized("API_KEY_REVOKED", "API key has been revoked", "The API key has been revoked")
	APIKeyDisabled     = unauthorized("API_KEY_DISABLED", "API key is disabled", "The API key is disabled")

	InsufficientScope = &Problem{Status: 403, Code: "INSUFFICIENT_SCOPE", Detail: "The credential's scopes do not allow this",
		Header: map[string]string{"WWW-Authenticate": `Bearer realm="latchkey", error="insufficient_scope"`}}
	ProofRequired        = &Problem{Status: 403, Code: "PROOF_REQUIRED", Detail: "Prove first who you are: POST /v1/auth/factors/proof"}
	AccountDisabled      = &Problem{Status: 403, Code: "ACCOUNT_DISABLED", Detail: "The account is disabled; an administrator can enable it"}
	Forbidden            = &Problem{Status: 403, Code: "FORBIDDEN", Detail: "The caller may not do this"}
	NotFound             = &Problem{Status: 404, Code: "RESOURCE_NOT_FOUND", Detail: "There is no such resource"}
	Duplicate            = &Problem{Status: 409, Code: "DUPLICATE_RESOURCE", Detail: "It already exists"}
	FactorRequired       = &Problem{Status: 409, Code: "FACTOR_REQUIRED", Detail: "Your account must have a second factor: add another one first"}
	KeyRevoked           = &Problem{Status: 409, Code: "KEY_REVOKED", Detail: "The API key is revoked or expired; create another"}
	BodyTooLarge         = &Problem{Status: 413, Code: "BODY_TOO_LARGE", Detail: "The body is larger than 64 KiB"}
	UnsupportedMediaType = &Problem{Status: 415, Code: "UNSUPPORTED_MEDIA_TYPE", Detail: "Send the body as application/json"}
	validation           = &Problem{Status: 422, Code: "VALIDATION_ERROR", Detail: "The request is not valid"}
	RateLimitExceeded    = &Problem{Status: 429, Code: "RATE_LIMIT_EXCEEDED", Detail: "Too many requests; see Retry-After"}
	QuotaExceeded        = &Problem{Status: 429, Code: "QUOTA_EXCEEDED", Detail: "Too little is left of the API key's quota"}

	Unavailable = &Problem{Status: 503, Code: "SERVICE_UNAVAILABLE", Header: map[string]string{"Retry-After": "1"}}
)

// unauthorized adds the challenge of RFC 6750 §3. It has an error only if a credential was sent.
func unauthorized(code, detail, description string) *Problem {
	challenge := `Bearer realm="latchkey"`
	if description != "" {
		challenge += `, error="invalid_token", error_description="` + description + `"`
	}
	return &Problem{Status: 401, Code: code, Detail: detail, Header: map[string]string{"WWW-Authenticate": challenge}}
}

// Validation returns a 422 that names each wrong field and what is wrong with it.
func Validation(fields ...Field) *Problem {
	q := *validation
	q.Fields = fields
	return &q
}

// WrongPassword is for a user who is logged in, and is asked for their password once more. It is no 401:
// the credential of the request is good.
var WrongPassword = Validation(Field{Field: "current_password", Message: "is wrong"})

// LinkOver is for whoever presents the token of a link.
var LinkOver = Validation(Field{Field: "token", Message: "is not that of a link that is still good: it was used, has expired, or a later one has taken its place"})

// Unfinished returns a 503 of a request that was too long for one answer, and is to be repeated.
func Unfinished(progress map[string]int) *Problem {
	q := *Unavailable
	q.Detail, q.Progress = "There was too much to do for one answer, and some of it is done: send the same request again, until it succeeds", progress
	return &q
}

// Full returns a 422: what the request asks for would be one too many.
func Full(why string) *Problem { return Validation(Field{Message: why}) }

// Refusals has the problems that the authorizer can pass to a function, by error_code.
var Refusals = byCode(MultipleCredentials, MissingCredentials, TokenExpired, TokenInvalid,
	APIKeyInvalid, APIKeyExpired, APIKeyRevoked, APIKeyDisabled, Forbidden, RateLimitExceeded, QuotaExceeded, Unavailable)

// Why the authorizer forbids a request before any handler sees it.
var (
	AddressForbidden = Forbidden.WithDetail("The API key may not be used from this address")
	MethodForbidden  = Forbidden.WithDetail("A header names another method than that of the request")
	PathForbidden    = Forbidden.WithDetail("The path can be read in more than one way")
)

// Reasons has the problems of the code FORBIDDEN that the authorizer tells apart, by a fixed word for each.
var Reasons = map[string]*Problem{"address": AddressForbidden, "method": MethodForbidden, "path": PathForbidden}

func byCode(problems ...*Problem) map[string]*Problem {
	m := map[string]*Problem{}
	for _, p := range problems {
		m[p.Code] = p
	}
	return m
}

// From returns the problem to show for an error: the error itself if it is a *Problem, else
// Unavailable, because it is not the caller's fault.
func From(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	return Unavailable
}
