package login

import (
	"context"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/randomid"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

// The two ways to answer a login: with a session token, or with an access and a refresh token.
const (
	OneToken = "session"
	Pair     = "pair"
)

// secondFor is how long a login can be completed.
const secondFor = 5 * time.Minute

// A Second is why Do opened no session: the password was right, and the user has a second factor. It is
// an error, so that a function that does not know of it gives nobody a session.
type Second struct {
	user  user.User
	known bool // the account knows the address
}

func (*Second) Error() string { return "the login needs a second factor" }

// unfinished is the answer to a login that is not complete, in each dialect.
type unfinished struct {
	OK          bool     `json:"ok"`
	MFARequired bool     `json:"mfa_required"`
	MFAToken    string   `json:"mfa_token"`
	Methods     []string `json:"methods"`    // what completes it
	ExpiresIn   int      `json:"expires_in"` // of the token, seconds
}

// Unfinished returns the answer to a login that needs a second factor, if err says so, and err if not.
// package mfa completes it, in the dialect that is named.
func Unfinished(ctx context.Context, r *gateway.Request, tokens *token.Authority, dialect string, err error) (gateway.Response, error) {
	var first *Setup
	if errors.As(err, &first) {
		return first.answer(ctx, tokens)
	}
	var s *Second
	if !errors.As(err, &s) {
		return gateway.Response{}, err
	}
	raw, err := tokens.Sign(ctx, token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: s.user.ID, ID: randomid.New("mfa_"), IssuedAt: jwt.NewNumericDate(r.Now), ExpiresAt: jwt.NewNumericDate(r.Now.Add(secondFor)),
		},
		Type: token.MFA, ID: s.user.ID,
		Login: &token.Login{Dialect: dialect, Factors: s.user.Factors, Password: s.user.PasswordMark, Known: s.known},
	})
	return gateway.JSON(200, unfinished{true, true, raw, append(s.user.FactorTypes, factor.Recovery), int(secondFor.Seconds())}), err
}
