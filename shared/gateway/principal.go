package gateway

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/user"
)

// A PrincipalType is a kind of credential.
type PrincipalType string

const (
	User   PrincipalType = "user"   // a person's JWT
	Key    PrincipalType = "key"    // an API key
	Client PrincipalType = "client" // a client-credentials token made from an API key
	Ticket PrincipalType = "ticket" // a ticket for one run: Protected must be told to take it
	Setup  PrincipalType = "setup"  // a person who must add a second factor first: likewise
)

// A Principal is the caller, as the authorizer found it. Only this package can make one, from an
// event that the authorizer let through. So a handler that has a Principal knows that its
// credential was checked.
type Principal struct{ ctx authorizerContext }

func (p Principal) Type() PrincipalType { return PrincipalType(p.ctx.text(CtxType)) }
func (p Principal) ID() string          { return p.ctx.text(CtxPrincipal) }
func (p Principal) UserID() string      { return p.ctx.text(CtxUser) }
func (p Principal) Email() string       { return p.ctx.text(CtxEmail) }
func (p Principal) Role() string        { return p.ctx.text(CtxRole) }
func (p Principal) Project() string     { return p.ctx.text(CtxProject) }
func (p Principal) KeyID() string       { return p.ctx.text(CtxKey) }
func (p Principal) KeyType() string     { return p.ctx.text(CtxKeyType) }
func (p Principal) Customer() string    { return p.ctx.text(CtxCustomer) }
func (p Principal) SessionID() string   { return p.ctx.text(CtxSession) }
func (p Principal) TokenID() string     { return p.ctx.text(CtxToken) }
func (p Principal) RunID() string       { return p.ctx.text(CtxRun) }
func (p Principal) KeyGeneration() int  { return int(p.ctx.number(CtxGeneration)) }
func (p Principal) ExpiresAt() int64    { return p.ctx.number(CtxExpires) }

// SessionOf returns the id of the principal's session if it is one of that user, otherwise "".
func (p Principal) SessionOf(userID string) string {
	if userID != p.UserID() {
		return ""
	}
	return p.SessionID()
}

// Scopes returns the scopes of the credential.
func (p Principal) Scopes() scope.Set { return scope.Default().FromString(p.ctx.text(CtxScopes)) }

// Actor returns the principal as an audit log names it.
func (p Principal) Actor() audit.Actor {
	kind := p.Type()
	if kind == Setup {
		kind = User
	}
	return audit.Actor{Type: string(kind), ID: p.ID()}
}

// Reaches reports whether the principal may see a thing that belongs to owner and project: a user
// sees their own things, a key sees those of its project, also those that were handed to another owner.
func (p Principal) Reaches(owner, project string) bool {
	if p.Type() == User {
		return owner == p.UserID()
	}
	return project != "" && project == p.Project()
}

// Administrator reports whether an administrator calls who is logged in. A key with the scope admin is
// none: it acts in its project.
func (p Principal) Administrator() bool { return p.Type() == User && p.Role() == user.Admin }

// Oversees reports whether the principal may see a thing that belongs to owner and project, and end
// it: what it reaches, and to an administrator who is logged in what anybody has.
func (p Principal) Oversees(owner, project string) bool {
	return p.Administrator() || p.Reaches(owner, project)
}

// resolve is the check before every protected handler. It returns the principal, or the refusal
// that the authorizer left for the function to answer. It refuses anything unexpected, and a
// principal whose type is not in allowed.
func (c authorizerContext) resolve(allowed []PrincipalType) (Principal, error) {
	if code := c.text(CtxRefusal); code != "" {
		p, ok := problem.Refusals[code]
		if !ok {
			return Principal{}, fmt.Errorf("gateway: the authorizer gave an unknown refusal %q", code)
		}
		switch p {
		case problem.RateLimitExceeded:
			p = p.WithHeader("Retry-After", strconv.FormatInt(max(1, c.number(CtxRetryAfter)), 10))
		case problem.QuotaExceeded:
			p = OverQuota(c.limit().Quota)
		case problem.Forbidden:
			p = cmp.Or(problem.Reasons[c.text(CtxReason)], p)
		}
		return Principal{}, p
	}
	p := Principal{c}
	if slices.Contains(allowed, p.Type()) && p.ID() != "" && p.UserID() != "" {
		return p, nil
	}
	return Principal{}, problem.MissingCredentials
}

// SourceOf is Source for a request of a user's without a credential: to sign in, or with a link.
func (r *Request) SourceOf(userID string) audit.Source {
	return audit.Source{
		Actor: audit.Actor{Type: "user", ID: userID}, Address: r.Address(), UserAgent: r.UserAgent(), RequestID: r.ID(), Now: r.Now,
	}
}

// Source returns the request as an audit log names it.
func (r *Request) Source(p Principal) audit.Source {
	return audit.Source{
		Actor: p.Actor(), Address: r.Address(), UserAgent: r.UserAgent(), RequestID: r.ID(), Now: r.Now,
	}
}
