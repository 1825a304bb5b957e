// Package oauth owns what the OAuth endpoints share: they read a form, and authenticate the
// client that sent it.
//
//	request ─► ReadForm ─► Clients.Authenticate ─► Client
//
// A key is a client: its client_id is the key's id, its client_secret the whole key.
package oauth

import (
	"net/url"
	"slices"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
)

// The errors of RFC 6749 §5.2 that this service has.
var (
	InvalidRequest       = &problem.Problem{Status: 400, Code: "invalid_request"}
	InvalidClient        = &problem.Problem{Status: 401, Code: "invalid_client", Detail: "Client authentication failed"}
	UnauthorizedClient   = &problem.Problem{Status: 400, Code: "unauthorized_client"}
	UnsupportedGrantType = &problem.Problem{Status: 400, Code: "unsupported_grant_type", Detail: "grant_type must be client_credentials"}
	InvalidScope         = &problem.Problem{Status: 400, Code: "invalid_scope"}

	InvalidTarget = &problem.Problem{Status: 400, Code: "invalid_target", Detail: "There is no such resource"} // RFC 8707 §2
)

// A Form has a request's parameters, each with one value, except resource. A parameter without a
// value counts as absent (RFC 6749 §3.2).
type Form map[string][]string

// repeatable is the one parameter that may be there more than once (RFC 8707 §2).
const repeatable = "resource"

// ReadForm reads the body. It does not read parameters in the URL, because URLs are logged in
// many places.
func ReadForm(r *gateway.Request) (Form, error) {
	body, err := r.Body()
	if err != nil {
		return nil, err
	}
	if r.MediaType() != "application/x-www-form-urlencoded" {
		return nil, problem.UnsupportedMediaType.WithDetail("Send the body as application/x-www-form-urlencoded")
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, InvalidRequest.WithDetail("The body is not a valid form")
	}
	form := Form{}
	for name, all := range values {
		if len(all) > 1 && name != repeatable {
			return nil, InvalidRequest.WithDetail("A parameter is given more than once")
		}
		if all = slices.DeleteFunc(all, func(value string) bool { return value == "" }); len(all) > 0 {
			form[name] = all
		}
	}
	return form, nil
}

// Get returns a parameter, or "".
func (f Form) Get(name string) string { return url.Values(f).Get(name) }

// Resources returns the resources that a client asks for.
func (f Form) Resources() []string { return f[repeatable] }

// Required returns a parameter that must be there.
func (f Form) Required(name string) (string, error) {
	if f.Get(name) == "" {
		return "", InvalidRequest.WithDetail(name + " is missing")
	}
	return f.Get(name), nil
}
