package main

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/oauth"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/resource"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

type handler struct {
	store     *store.Store
	clients   *oauth.Clients
	tokens    *token.Authority
	limit     *ratelimit.Limit
	lifetime  time.Duration
	retention time.Duration
	issuer    string // the parameter, or a URN
	resources resource.List
}

type answer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"` // seconds
	Scope       string `json:"scope"`
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
	grantType, err := form.Required("grant_type")
	if err != nil {
		return gateway.Response{}, err
	}
	if grantType != "client_credentials" {
		return gateway.Response{}, oauth.UnsupportedGrantType
	}
	granted, shown, err := narrow(form.Get("scope"), client.Scopes)
	if err != nil {
		return gateway.Response{}, err
	}
	audience, err := h.audience(form.Resources(), r.PublicURL(h.issuer))
	if err != nil {
		return gateway.Response{}, err
	}
	claims := h.claims(client, granted, r.Now)
	claims.Audience = audience
	signed, err := h.tokens.Sign(ctx, claims)
	if err != nil {
		return gateway.Response{}, err
	}
	entry := audit.New(audit.TokenIssued, client.Source, h.retention)
	entry.Detail = map[string]string{
		"jti": claims.RegisteredClaims.ID, "scope": claims.Scope, "expires_at": claims.ExpiresAt.UTC().Format(time.RFC3339),
	}
	if len(audience) > 0 {
		entry.Detail["resource"] = strings.Join(audience, " ")
	}
	if err := h.store.PutEntry(ctx, *client.Key, entry); err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(200, answer{signed, "bearer", claims.ExpiresAt.Unix() - claims.IssuedAt.Unix(), shown}), nil
}

// claims returns the claims of a token that does not outlive the key. It belongs to the
// generation of the secret that the client sent: from an old secret in its grace period, the
// token ends with the grace period.
func (h handler) claims(c oauth.Client, granted scope.Set, now time.Time) token.Claims {
	issued := now.Truncate(time.Second)
	expires := issued.Add(h.lifetime)
	if c.Expires != 0 && c.Expires < expires.Unix() {
		expires = time.Unix(c.Expires, 0)
	}
	return token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: c.Key.ID, ID: rand.Text(),
			IssuedAt: jwt.NewNumericDate(issued), ExpiresAt: jwt.NewNumericDate(expires),
		},
		Type: token.Client, ID: c.Key.ID, ClientID: c.Key.ID,
		Scope: granted.String(), Generation: c.Generation,
	}
}

// audience returns the audience of a token for the resources that were asked for (RFC 8707 §2.2), and
// none if there are none: then the token is for every API of the deployment. The issuer's URL stands for
// Latchkey's own API, which has another audience.
func (h handler) audience(asked []string, issuer string) (jwt.ClaimStrings, error) {
	var audience jwt.ClaimStrings
	for _, uri := range asked {
		switch {
		case uri == issuer:
			uri = h.tokens.Audience()
		case uri != h.tokens.Audience() && !h.resources.Has(uri):
			return nil, oauth.InvalidTarget
		}
		if !slices.Contains(audience, uri) {
			audience = append(audience, uri)
		}
	}
	return audience, nil
}

// narrow reads the parameter scope. If it is empty, the client gets all scopes that it holds. The
// words read and write stand for those of their scopes that the client holds; any other scope the
// client must hold. shown is the value for the answer: the client's own words if all of them were
// granted, else the scopes that were granted (RFC 6749 §5.1).
func narrow(asked string, held scope.Set) (granted scope.Set, shown string, err error) {
	if asked == "" {
		return held, held.String(), nil
	}
	words, catalogue := strings.Fields(asked), scope.Default()
	wanted, err := catalogue.Parse(words)
	if err != nil {
		return nil, "", oauth.InvalidScope.WithDetail("Valid scopes are " + catalogue.All().String() + ", and the legacy words read and write")
	}
	named := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "read" || word == "write" })
	exact, err := catalogue.Parse(named)
	if err != nil {
		return nil, "", err
	}
	granted = held.Intersect(wanted)
	if beyond := held.Missing(exact); beyond != nil || len(granted) == 0 {
		return nil, "", oauth.InvalidScope.WithDetail("The client does not hold every scope that it asks for")
	}
	if len(granted) == len(wanted) {
		return granted, strings.Join(words, " "), nil
	}
	return granted, granted.String(), nil
}
