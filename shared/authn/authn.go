package authn

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

// An Authenticator checks credentials against the table. Make one per process.
type Authenticator struct {
	store  *store.Store
	tokens *token.Authority
	pepper *secret.Source
	// guesses limits the keys with a wrong secret that an address may send; nil does not.
	guesses *ratelimit.Limit
	begun   atomic.Bool // the first check of the process has begun: see first.go
}

// New makes an Authenticator.
func New(s *store.Store, tokens *token.Authority, pepper *secret.Source, guesses *ratelimit.Limit) *Authenticator {
	return &Authenticator{store: s, tokens: tokens, pepper: pepper, guesses: guesses}
}

// FromEnv makes an Authenticator from a store and the secrets that the environment names.
func FromEnv(e *env.Reader, s *store.Store) *Authenticator {
	return New(s, token.FromEnv(e), secret.Pepper(e), ratelimit.FromEnv(e).For(ratelimit.Auth))
}

// A Request has the circumstances in which a credential is checked.
type Request struct {
	Address string           // "": not known
	InQuery bool             // it was sent as ?token=, where only a user's token or a ticket is accepted
	Limit   *ratelimit.Limit // nil: not counted
	Cost    int64            // what it takes from a key's quota; 0: nothing
	Now     time.Time
	// Resources are those that the API is to which it was sent (RFC 8707). A client's token may be for
	// one of them alone.
	Resources []string

	// Whose is for who may know of some keys only: a key of anybody else does not exist.
	Whose store.Whose
	// Asker is for who asks on behalf of those addresses: what is wrong is counted on the asker and the
	// address, so that no asker takes from what others may send from there. "": counted on the address.
	Asker string
}

func (r Request) count() store.Count { return store.Count{Limit: r.Limit, Cost: r.Cost} }

// An Identity is a credential that was checked. It has the Session of a user, or a Key, and
// Claims if a token was sent. Key and Claims may also be set together with an error, if they are
// genuine, for the key's log and for who asks whether it was a credential of ours; with
// API_KEY_DISABLED they are.
type Identity struct {
	Session    *session.Session
	Key        *apikey.Key
	Proven     bool // the secret that was sent is Key's own, or the token came from Key
	Generation int  // the generation of Key to which the sent key or token belongs
	Claims     *token.Claims
	Catalogue  *scope.Catalogue // in force at this check
	Scopes     scope.Set
	Expires    int64 // epoch seconds; 0 for never
	Limit      ratelimit.State
}

// Identify checks a credential and returns its identity. It refuses with a *problem.Problem. Any
// other error means that the check itself failed.
func (a *Authenticator) Identify(ctx context.Context, credential string, r Request) (Identity, error) {
	if !IsToken(credential) {
		return a.IdentifyKey(ctx, credential, r)
	}
	types := []token.Type{token.Session, token.Access, token.Client, token.Setup}
	if r.InQuery {
		types = []token.Type{token.Session, token.Access, token.Ticket}
	}
	identity, err := a.findToken(ctx, credential, r, types...)
	return identity, identity.allowed(r.Address, err)
}

// IdentifyKey is Identify for an API key, and refuses every other credential.
func (a *Authenticator) IdentifyKey(ctx context.Context, key string, r Request) (Identity, error) {
	identity, err := a.findKey(ctx, key, r)
	return identity, identity.allowed(r.Address, err)
}

// Inspect is Identify for a server that received the credential and asks about it: it counts
// nothing and compares no address. It also accepts a client's token for any of resources, and a
// refresh token of any generation, as long as its session has not ended.
func (a *Authenticator) Inspect(ctx context.Context, credential string, resources []string, now time.Time) (Identity, error) {
	r := Request{Now: now, Resources: resources}
	if !IsToken(credential) {
		return a.findKey(ctx, credential, r)
	}
	return a.findToken(ctx, credential, r, token.Session, token.Access, token.Client, token.Refresh)
}

func (a *Authenticator) findKey(ctx context.Context, key string, r Request) (Identity, error) {
	id, imported, err := apikey.Locate(key)
	if err != nil {
		return Identity{}, problem.APIKeyInvalid
	}
	catalogue := scope.Begin(ctx)
	found, candidates, state, err := a.checkKey(ctx, presented{id, key, imported}, r)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, apikey.ErrInvalid) {
		return a.guessed(ctx, found, r)
	}
	identity := Identity{Key: found, Proven: found != nil, Limit: state}
	if err != nil {
		return identity, refusalOfKey(err)
	}
	identity.Generation, identity.Expires = found.Presented(candidates)
	if identity.Catalogue, err = catalogue(); err != nil {
		return identity, err
	}
	identity.Scopes = found.GrantedBy(identity.Catalogue)
	return identity, nil
}

// guessed refuses a key that looks right and is none: its id is unknown, or its secret is
// wrong, and which of the two nobody learns. found is the key of that id, or nil.
func (a *Authenticator) guessed(ctx context.Context, found *apikey.Key, r Request) (Identity, error) {
	state, err := a.CountGuess(ctx, r)
	return Identity{Key: found, Limit: state}, cmp.Or(err, error(problem.APIKeyInvalid))
}

// CountGuess counts a wrong credential on the address that sent it. It returns RATE_LIMIT_EXCEEDED
// after too many, and nil if they cannot be counted: the credential is refused in any case.
func (a *Authenticator) CountGuess(ctx context.Context, r Request) (ratelimit.State, error) {
	if r.Address == "" && r.Asker == "" {
		return ratelimit.State{}, nil
	}
	subject := "guess:" + ratelimit.Subject(r.Address)
	if r.Asker != "" {
		subject = "guess:" + r.Asker + ":" + ratelimit.Subject(r.Address)
	}
	state, err := a.store.CountPublic(ctx, subject, a.guesses, r.Now)
	if errors.Is(err, store.ErrLimited) {
		return state, problem.RateLimitExceeded
	}
	return state, nil
}

func (a *Authenticator) findToken(ctx context.Context, raw string, r Request, types ...token.Type) (Identity, error) {
	a.connect(ctx)
	claims, err := a.tokens.VerifyFor(ctx, r.Resources, raw, types...)
	if err != nil {
		return Identity{}, RefusalOfToken(err)
	}
	if claims.Type == token.Client || claims.Type == token.Ticket && claims.ClientID != "" {
		return a.findTokenOfKey(ctx, claims, r)
	}
	catalogue := scope.Begin(ctx)
	ses, state, err := a.store.CheckSession(ctx, claims.SessionID, r.Limit, r.Now)
	if err != nil {
		return Identity{Claims: &claims, Limit: state}, RefusalOfToken(err)
	}
	if ses.UserID != claims.Subject {
		return Identity{}, problem.TokenInvalid
	}
	c, err := catalogue()
	if err != nil {
		return Identity{Claims: &claims, Limit: state}, err
	}
	return Identity{
		Session: ses, Claims: &claims, Limit: state, Catalogue: c,
		Scopes:  c.FromString(claims.Scope).Intersect(c.OfRole(ses.Role)),
		Expires: claims.ExpiresAt.Unix(),
	}, nil
}

// findTokenOfKey checks the key from which a client-credentials token or a ticket was made. The
// token is valid only as long as the key, and has no scope that the key lacks.
func (a *Authenticator) findTokenOfKey(ctx context.Context, claims token.Claims, r Request) (Identity, error) {
	catalogue := scope.Begin(ctx)
	key, state, err := a.store.CheckToken(ctx, claims, r.count(), r.Now)
	identity := Identity{Key: key, Proven: key != nil, Generation: claims.Generation, Claims: &claims, Limit: state}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, apikey.ErrInvalid) {
		return identity, problem.TokenInvalid
	}
	if err != nil {
		return identity, refusalOfKey(err)
	}
	if identity.Catalogue, err = catalogue(); err != nil {
		return identity, err
	}
	identity.Scopes = identity.Catalogue.FromString(claims.Scope).Intersect(key.GrantedBy(identity.Catalogue))
	identity.Expires = claims.ExpiresAt.Unix()
	return identity, nil
}

// allowed returns err if there is one. Otherwise it returns FORBIDDEN if the key may not be used
// from address.
func (i Identity) allowed(address string, err error) error {
	if err != nil || i.Key == nil || len(i.Key.AllowedIPs) == 0 {
		return err
	}
	ip, err := netip.ParseAddr(address)
	if err == nil {
		for _, text := range i.Key.AllowedIPs {
			if net, err := netip.ParsePrefix(text); err == nil && net.Contains(ip.Unmap()) {
				return nil
			}
		}
	}
	return problem.AddressForbidden
}

func refusalOfKey(err error) error {
	switch {
	case errors.Is(err, apikey.ErrRevoked):
		return problem.APIKeyRevoked
	case errors.Is(err, apikey.ErrExpired):
		return problem.APIKeyExpired
	case errors.Is(err, apikey.ErrDisabled):
		return problem.APIKeyDisabled
	case errors.Is(err, store.ErrLimited):
		return problem.RateLimitExceeded
	case errors.Is(err, store.ErrQuota):
		return problem.QuotaExceeded
	}
	return err
}

// RefusalOfToken turns the error of a token, or of its session, into the refusal for the caller.
func RefusalOfToken(err error) error {
	switch {
	case errors.Is(err, token.ErrExpired):
		return problem.TokenExpired
	case errors.Is(err, token.ErrInvalid), errors.Is(err, session.ErrEnded):
		return problem.TokenInvalid
	case errors.Is(err, store.ErrLimited):
		return problem.RateLimitExceeded
	}
	return err
}

// Project returns the project of the identity: a key's own, or a user's default project. A user
// may have others, but finding them takes another read.
func (i Identity) Project() string {
	switch {
	case i.Session != nil:
		return user.DefaultProject(i.Session.UserID)
	case i.Key != nil:
		return i.Key.Project
	}
	return ""
}

// Owner returns the id of the user who owns the credential.
func (i Identity) Owner() string {
	if i.Session != nil {
		return i.Session.UserID
	}
	return i.Key.Owner
}

// SetsUp reports whether the credential is that of somebody who must add a second factor first, and may do
// nothing else.
func (i Identity) SetsUp() bool { return i.Claims != nil && i.Claims.Type == token.Setup }

// TicketFor returns the id of the run whose events a ticket opens, and "" for any other
// credential.
func (i Identity) TicketFor() string {
	if i.Claims == nil || i.Claims.Type != token.Ticket {
		return ""
	}
	return i.Claims.Run
}
