package mfa

import (
	"context"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/randomid"
	"github.com/latchkey/latchkey/shared/token"
)

// SignIn is the subject of a challenge with which a passkey signs in alone. That of a proof is its session.
const SignIn = "sign-in"

// challengeFor is how long a challenge is good.
const challengeFor = 5 * time.Minute

// NewChallenge makes a challenge for one purpose. Nothing is stored: the token says what it is for, the
// challenge follows from the token, and the transaction of what it opens uses it up.
func NewChallenge(ctx context.Context, tokens *token.Authority, subject string, now time.Time) (raw, challenge string, err error) {
	id := randomid.New("chl_")
	raw, err = tokens.Sign(ctx, token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: subject, ID: id, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(challengeFor)),
		},
		Type: token.Challenge, ID: subject,
	})
	return raw, passkey.ChallengeOf(id), err
}
