package main

import (
	"context"
	"errors"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/oauth"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/resource"
	"github.com/latchkey/latchkey/shared/token"
)

type handler struct {
	authn     *authn.Authenticator
	clients   *oauth.Clients
	limit     *ratelimit.Limit // of the client that asks: a resource server asks often
	issuer    string           // the parameter, or a URN
	resources resource.List
}

// answer has the members of RFC 7662 §2.2. If Active is false it has no others.
type answer struct {
	Active    bool             `json:"active"`
	Scope     string           `json:"scope,omitempty"`
	ClientID  string           `json:"client_id,omitempty"`
	Username  string           `json:"username,omitempty"`
	TokenType string           `json:"token_type,omitempty"`
	Expires   int64            `json:"exp,omitempty"`
	Issued    int64            `json:"iat,omitempty"`
	Subject   string           `json:"sub,omitempty"`
	Audience  jwt.ClaimStrings `json:"aud,omitempty"`
	Issuer    string           `json:"iss,omitempty"`
	ID        string           `json:"jti,omitempty"`
}

func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	form, err := oauth.ReadForm(r)
	if err != nil {
		return gateway.Response{}, err
	}
	client, err := h.clients.Authenticate(ctx, r, form, h.limit)
	if err != nil {
		return gateway.Response{}, err
	}
	text, err := form.Required("token")
	if err != nil {
		return gateway.Response{}, err
	}
	identity, err := h.authn.Inspect(ctx, text, h.resources.All(), r.Now)
	refused := errors.As(err, new(*problem.Problem))
	if err != nil && !refused {
		return gateway.Response{}, err // the check failed, so the answer is not "inactive"
	}
	if refused || !client.Sees(identity) || !opens(identity, form.Get("token_type_hint")) {
		return gateway.JSON(200, answer{}), nil
	}
	a := describe(identity)
	if !client.Key.Type.ShowsOwner() {
		a.Username = ""
	}
	a.Issuer = r.PublicURL(h.issuer) // the same text as in the metadata
	return gateway.JSON(200, a), nil
}

// opens reports whether the credential is active. A resource server must not mistake a refresh
// token for an access token. So a refresh token is active only if the request's token_type_hint
// says refresh_token, and only the newest one of its session is.
func opens(i authn.Identity, hint string) bool {
	if i.Claims == nil || i.Claims.Type != token.Refresh {
		return true
	}
	return hint == "refresh_token" && i.Claims.Generation == i.Session.Generation
}

func describe(i authn.Identity) answer {
	a := answer{Active: true, Scope: i.Scopes.String(), TokenType: "bearer", Expires: i.Expires}
	if i.Session != nil {
		a.Username = i.Session.Email
	} else {
		a.ClientID, a.Subject, a.Username, a.Issued = i.Key.ID, i.Key.ID, i.Key.OwnerEmail, i.Key.CreatedAt.Unix()
	}
	if c := i.Claims; c != nil {
		a.Issued, a.Subject = c.IssuedAt.Unix(), c.Subject
		a.Audience, a.ID = c.Audience, c.RegisteredClaims.ID
		if c.Type == token.Refresh {
			a.TokenType, a.Scope = "refresh_token", ""
		}
	}
	return a
}
