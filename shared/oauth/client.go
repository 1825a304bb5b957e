package oauth

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/verification"
)

// Clients authenticates clients. These routes have no authorizer, so Clients prints the line of the
// check, by which the use of the key is counted.
type Clients struct{ authn *authn.Authenticator }

// NewClients makes Clients.
func NewClients(a *authn.Authenticator) *Clients { return &Clients{a} }

// A Client is a key that was authenticated.
type Client struct {
	authn.Identity
	Source audit.Source // of what it asks for
}

// Sees reports whether the client may learn about an identity: a key of its project, a token made
// from such a key, or a session of the user who owns the client.
func (c Client) Sees(i authn.Identity) bool {
	if i.Session != nil {
		return i.Session.UserID == c.Key.Owner
	}
	return i.Key.Project == c.Key.Project
}

// Authenticate returns the client that sent the form, and counts the request on its key if limit
// is not nil. It refuses with invalid_client, whatever is wrong with the key, and with a 429 an
// address that sends too many wrong credentials. A client with a good key is never refused for
// what others send from its address.
func (c *Clients) Authenticate(ctx context.Context, r *gateway.Request, form Form, limit *ratelimit.Limit) (Client, error) {
	id, secret, err := credentials(r, form)
	if err != nil {
		return Client{}, err
	}
	request := authn.Request{Address: r.Address(), Limit: limit, Cost: 1, Now: r.Now}
	named, _, err := apikey.Locate(secret)
	if err != nil || subtle.ConstantTimeCompare([]byte(named), []byte(id)) != 1 {
		state, refusal := c.authn.CountGuess(ctx, request)
		return Client{}, reword(r, state, cmp.Or(refusal, error(problem.APIKeyInvalid)))
	}
	began := time.Now()
	identity, refusal := c.authn.IdentifyKey(ctx, secret, request)
	verification.Check{
		RequestID: r.ID(), Route: r.Route(), API: r.API(), Address: r.Address(), UserAgent: r.UserAgent(),
		Key: identity.Key, Proven: identity.Proven, Refusal: refusal, At: r.Now, Took: time.Since(began),
	}.Print(ctx)
	if refusal != nil {
		return Client{}, reword(r, identity.Limit, refusal)
	}
	r.Caller(string(gateway.Key)+":"+identity.Key.ID, identity.Limit)
	return Client{identity, audit.Source{
		Actor:   audit.Actor{Type: string(gateway.Key), ID: identity.Key.ID},
		Address: r.Address(), UserAgent: r.UserAgent(), RequestID: r.ID(), Now: r.Now,
	}}, nil
}

// credentials reads client_secret_basic or client_secret_post (RFC 6749 §2.3.1), never both.
func credentials(r *gateway.Request, form Form) (id, secret string, err error) {
	header := r.Header("Authorization")
	if header == "" {
		return form.Get("client_id"), form.Get("client_secret"), nil
	}
	id, secret, ok := basic(header)
	switch {
	case form.Get("client_secret") != "":
		return "", "", InvalidRequest.WithDetail("Send the client's credentials once, in the header or in the body")
	case !ok:
		return "", "", invalidClient(r)
	case form.Get("client_id") != "" && form.Get("client_id") != id:
		return "", "", InvalidRequest.WithDetail("client_id differs from the one in the Authorization header")
	}
	return id, secret, nil
}

// basic reads the header of RFC 7617, of which RFC 6749 wants both parts form-encoded.
func basic(header string) (id, secret string, ok bool) {
	scheme, encoded, _ := strings.Cut(strings.TrimSpace(header), " ")
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil || !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	id, secret, ok = strings.Cut(string(decoded), ":")
	id, idErr := url.QueryUnescape(id)
	secret, secretErr := url.QueryUnescape(secret)
	return id, secret, ok && idErr == nil && secretErr == nil
}

// invalidClient adds a challenge only if the client used the Authorization header. Otherwise a
// client library would act on the challenge, and not show the error.
func invalidClient(r *gateway.Request) *problem.Problem {
	if r.Header("Authorization") == "" {
		return InvalidClient
	}
	return InvalidClient.WithHeader("WWW-Authenticate", `Basic realm="latchkey"`)
}

// reword turns a refusal of the key into the OAuth error for it, whose headers show the limit. It
// returns any other error unchanged.
func reword(r *gateway.Request, limit ratelimit.State, err error) error {
	r.Caller("", limit)
	var p *problem.Problem
	switch {
	case !errors.As(err, &p):
		return err
	case p == problem.RateLimitExceeded:
		return gateway.Limited(limit, err)
	case p == problem.QuotaExceeded:
		return gateway.OverQuota(limit.Quota)
	case p.Status == 401:
		return invalidClient(r)
	}
	return UnauthorizedClient.WithDetail(p.Detail) // FORBIDDEN: a good key, from the wrong address
}
