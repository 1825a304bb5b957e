// Package session owns logins. Every token of a login is checked against the login's item.
//
//	POST /v1/auth/login   one session token, as long-lived as the session
//	POST /api/auth/login  an access and a refresh token, generation 0
//	  POST /api/auth/refresh (generation n)            → generation n+1, in one conditional write
//	    again by the same client within ReplayWindow   → the same pair once more: a lost answer
//	    again by another client, or later, or an older → the family is stolen goods: the session ends
//
// A session ends when its item is deleted, and with it every token made from it. However often it
// is refreshed, it ends a fixed time after the login.
package session

import (
	"errors"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/randomid"
	"github.com/latchkey/latchkey/shared/ratelimit"
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

	// PasswordMark names the password that was in force when the user was let in. The session is not
	// made if it is another by then, and it does not keep the mark.
	PasswordMark string `dynamodbav:"-"`

	Generation int   `dynamodbav:"generation"` // of the refresh family
	RotatedAt  int64 `dynamodbav:"rotated_at"` // epoch milliseconds at which the generation began
	// Rotation is nil before the first refresh. A version of this service that did not know it
	// leaves the one of an older generation.
	Rotation  *Rotation  `dynamodbav:"rotation,omitempty"`
	TwoPlaces *TwoPlaces `dynamodbav:"two_places,omitempty"`

	// Factor is the type of the second factor that completed the login; "" for none, and in a session that an
	// older version of this service made.
	Factor string `dynamodbav:"factor,omitempty"`

	// ProvenAt is when its user last proved in it who they are (POST /v1/auth/factors/proof), epoch seconds.
	ProvenAt int64 `dynamodbav:"proven_at,omitempty"`

	// ProvenWith is the mark of the user's factors that the proof holds for. So a change of them in another
	// session ends it, and a password that was a proof before there was a factor is none any more.
	ProvenWith string `dynamodbav:"proven_with,omitempty"`
}

// A Rotation is the client that began a generation.
type Rotation struct {
	Generation int    `dynamodbav:"generation"`
	Address    string `dynamodbav:"address"`
	UserAgent  string `dynamodbav:"user_agent"`
}

// TwoPlaces has the two addresses that sent the same refresh token. Either the client moved to
// another network while it waited for the answer, or somebody else has the token too.
type TwoPlaces struct {
	Addresses []string  `dynamodbav:"addresses" json:"addresses"`
	At        time.Time `dynamodbav:"at" json:"at"` // of the second one
}

// A Refresh is a request to exchange a refresh token.
type Refresh struct {
	Generation         int // of the token
	Address, UserAgent string
	Lifetime           time.Duration // of the next refresh token
	Family             time.Duration // of the session, from its login
	Now                time.Time
}

// New makes a session with a fresh id.
func New(u user.User, lifetime time.Duration, address, userAgent string, now time.Time) Session {
	return Session{
		ID: randomid.New("ses_"), UserID: u.ID, Email: u.Email, Role: u.Role, PasswordMark: u.PasswordMark,
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

// MayReplay reports whether r may be a client that repeats its request because the answer was
// lost: its token is the previous one, and the same client exchanged it a moment ago.
func (s *Session) MayReplay(r Refresh) bool {
	return r.Generation == s.Generation-1 && r.UserAgent == s.rotation().UserAgent &&
		r.Now.Sub(time.UnixMilli(s.RotatedAt)) < ReplayWindow
}

// SecondPlace returns the addresses of r and of the refresh that it repeats, or nil if they are
// the same.
func (s *Session) SecondPlace(r Refresh) *TwoPlaces {
	first := s.rotation().Address
	if first == "" || ratelimit.Subject(first) == ratelimit.Subject(r.Address) {
		return nil
	}
	return &TwoPlaces{Addresses: []string{first, r.Address}, At: r.Now.UTC()}
}

// rotation returns the client that began the current generation. If an older version of this
// service did not write it down, it is taken for the client that logged in, at no known address.
func (s *Session) rotation() Rotation {
	if s.Rotation != nil && s.Rotation.Generation == s.Generation {
		return *s.Rotation
	}
	return Rotation{Generation: s.Generation, UserAgent: s.UserAgent}
}

// Claims returns the claims of a token of the session's current generation, which does not outlive
// the session. They depend on the session alone, so a replay gives the same token, byte for byte.
func (s *Session) Claims(t token.Type, lifetime time.Duration) token.Claims {
	issued := time.UnixMilli(s.RotatedAt).Truncate(time.Second)
	expires := min(issued.Add(lifetime).Unix(), s.ExpiresAt)
	return token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject:   s.UserID,
			ID:        s.ID + "." + string(t) + "." + strconv.Itoa(s.Generation),
			IssuedAt:  jwt.NewNumericDate(issued),
			ExpiresAt: jwt.NewNumericDate(time.Unix(expires, 0)),
		},
		Type: t, ID: s.UserID, Email: s.Email, Role: s.Role, SessionID: s.ID,
		Scope: scope.Default().OfRole(s.Role).String(), Generation: s.Generation,
	}
}
