package mfa

import (
	"context"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/cookie"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/user"
)

// Answers answer a login that is complete, in either dialect.
type Answers struct {
	Issuer session.Issuer
	Token  time.Duration // lifetime of a session token
}

// AnswersFromEnv reads SESSION_LIFETIME, and what session.IssuerFromEnv reads.
func AnswersFromEnv(e *env.Reader) Answers {
	return Answers{session.IssuerFromEnv(e), e.Seconds("SESSION_LIFETIME")}
}

// Lifetime returns that of a session of a dialect.
func (a Answers) Lifetime(dialect string) time.Duration {
	if dialect == login.Pair {
		return a.Issuer.Refresh
	}
	return a.Token
}

// Answer returns the tokens of a session, the refresh token in a cookie if that was asked for.
func (a Answers) Answer(ctx context.Context, dialect string, u user.User, ses session.Session, inCookie bool) (gateway.Response, error) {
	if dialect != login.Pair {
		return login.Answer(ctx, a.Issuer.Tokens, u, ses, a.Token)
	}
	pair, err := a.Issuer.Pair(ctx, ses)
	if inCookie {
		return cookie.Answer(pair, a.Issuer.Refresh), err
	}
	return gateway.JSON(200, pair), err
}

// pairPaths are where a browser takes the cookie for the path of the refresh (package cookie).
const pairPaths = "/api/auth/"

// CookieAllowed refuses a request that asks for a cookie and may not have it.
func CookieAllowed(r *gateway.Request, dialect string, wanted bool) error {
	if !wanted {
		return nil
	}
	if dialect != login.Pair || !strings.HasPrefix(r.Resource(), pairPaths) {
		return problem.Validation(problem.Field{Field: "cookie", Message: "a refresh token is set in a cookie below /api/auth/ only"})
	}
	return cookie.Allowed(r)
}
