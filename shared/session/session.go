// Package session owns logins. Every token of a login is checked against the login's item.
//
//	POST /v1/auth/login   one session token, as long-lived as the session
//	POST /api/auth/login  an access and a refresh token, generation 0
//	  POST /api/auth/refresh (generation n)  → generation n+1, in one conditional write
//	    again within ReplayWindow            → the same pair once more: a lost answer
//	    any other generation                 → the family is stolen goods: the session ends
//
// A session ends when its item is deleted, and with it every token made from it.
package session

import (
	"errors"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/randomid"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

// ReplayWindow is how long after a refresh the previous refresh token still gets the pair that it
// was exchanged for.
const ReplayWindow = 10 * time.Second

// ErrEnded reports a session that has ended or never existed.
var ErrEnded = errors.New("session has ended")

// A Session is one login on one device.
type Session struct {
	ID         string    `dynamodbav:"id"`
	UserID     string    `dynamodbav:"owner"`
	Email      string    `dynamodbav:"email"`
	Role       string    `dynamodbav:"role"`
	Address    string    `dynamodbav:"address"`
	UserAgent  string    `dynamodbav:"user_agent"`
	CreatedAt  time.Time `dynamodbav:"created_at"`
	LastUsedAt int64     `dynamodbav:"last_used_at"` // epoch seconds
	ExpiresAt  int64     `dynamodbav:"expires_at"`   // epoch seconds; the table's TTL attribute

	Generation int   `dynamodbav:"generation"` // of the refresh family
	RotatedAt  int64 `dynamodbav:"rotated_at"` // epoch milliseconds at which the generation began
}

// New makes a session with a fresh id.
func New(u user.User, lifetime time.Duration, address, userAgent string, now time.Time) Session {
	return Session{
		ID: randomid.New("ses_"), UserID: u.ID, Email: u.Email, Role: u.Role,
		Address: address, UserAgent: userAgent,
		CreatedAt: now.UTC(), LastUsedAt: now.Unix(), ExpiresAt: now.Add(lifetime).Unix(),
		RotatedAt: now.UnixMilli(),
	}
}

// ValidID reports whether id has the form of a session's id.
func ValidID(id string) bool { return randomid.Valid("ses_", id) }

// Check returns ErrEnded if the session has expired.
func (s *Session) Check(now time.Time) error {
	if s.ID == "" || s.ExpiresAt <= now.Unix() {
		return ErrEnded
	}
	return nil
}

// MayReplay reports whether a refresh with the token of that generation may repeat a request
// whose answer was lost: the token is the previous one, and was exchanged a moment ago.
func (s *Session) MayReplay(generation int, now time.Time) bool {
	return generation == s.Generation-1 && now.Sub(time.UnixMilli(s.RotatedAt)) < ReplayWindow
}

// Claims returns the claims of a token of the session's current generation. They depend on the
// session alone, so a replay gives the same token, byte for byte.
func (s *Session) Claims(t token.Type, lifetime time.Duration) token.Claims {
	issued := time.UnixMilli(s.RotatedAt).Truncate(time.Second)
	return token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject:   s.UserID,
			ID:        s.ID + "." + string(t) + "." + strconv.Itoa(s.Generation),
			IssuedAt:  jwt.NewNumericDate(issued),
			ExpiresAt: jwt.NewNumericDate(issued.Add(lifetime)),
		},
		Type: t, ID: s.UserID, Email: s.Email, Role: s.Role, SessionID: s.ID,
		Scope: scope.Default().OfRole(s.Role).String(), Generation: s.Generation,
	}
}
