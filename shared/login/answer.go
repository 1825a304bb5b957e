package login

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

type answer struct {
	OK        bool      `json:"ok"`
	Token     string    `json:"token"`
	User      user.View `json:"user"`
	TokenType string    `json:"token_type"`
	ExpiresIn int       `json:"expires_in"` // seconds
}

// Answer is that of POST /v1/auth/login: one token, as long-lived as the session.
func Answer(ctx context.Context, tokens *token.Authority, u user.User, ses session.Session, lifetime time.Duration) (gateway.Response, error) {
	signed, err := tokens.Sign(ctx, ses.Claims(token.Session, lifetime))
	return gateway.JSON(200, answer{true, signed, u.View(), "bearer", int(lifetime.Seconds())}), err
}
