package apikey

import (
	"crypto/subtle"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/ratelimit"
)

// Why a key that exists is not good. ErrInvalid says no more than that: it must not
// tell a guesser of secrets that the id was right.
var (
	ErrInvalid = errors.New("API key is not valid")
	ErrRevoked = errors.New("API key is revoked")
	ErrExpired = errors.New("API key has expired")
)

// MaxRevokedTokens bounds what a key remembers: it is read with every check.
const MaxRevokedTokens = 100

// A Key is what the table holds of one: everything but the key itself.
type Key struct {
	ID         string            `dynamodbav:"id"`
	Label      string            `dynamodbav:"label"`
	Type       Type              `dynamodbav:"type"`
	Prefix     string            `dynamodbav:"prefix"`
	Masked     string            `dynamodbav:"masked"`
	Owner      string            `dynamodbav:"owner"`       // the user who answers for it
	OwnerEmail string            `dynamodbav:"owner_email"` // e-mail addresses do not change
	Project    string            `dynamodbav:"project"`
	Scopes     []string          `dynamodbav:"scopes"`
	Metadata   map[string]string `dynamodbav:"metadata,omitempty"`
	AllowedIPs []string          `dynamodbav:"allowed_ips,omitempty"`

	Hash       string `dynamodbav:"key_hash"`             // <pepper version>:<HMAC-SHA-256>, see secret.Ring
	Generation int    `dynamodbav:"generation"`           // counts regenerations, from 1
	PrevHash   string `dynamodbav:"prev_hash,omitempty"`  // of the generation before, good until PrevUntil
	PrevUntil  int64  `dynamodbav:"prev_until,omitempty"` // epoch seconds

	CreatedAt  time.Time  `dynamodbav:"created_at"`
	ExpiresAt  int64      `dynamodbav:"expires_at,omitempty"` // epoch seconds; the table's TTL attribute
	RevokedAt  *time.Time `dynamodbav:"revoked_at,omitempty"`
	LastUsedAt int64      `dynamodbav:"last_used_at,omitempty"` // epoch seconds

	// RevokedTokens are the tokens made from the key that were revoked one by one: their
	// jti, and until when (epoch seconds) they would have been good. At most MaxRevokedTokens.
	RevokedTokens map[string]int64 `dynamodbav:"revoked_tokens,omitempty"`

	ratelimit.Overrides // the limits of its own
}

// State is "active", "revoked" or "expired".
func (k *Key) State(now time.Time) string {
	switch err := k.usable(now); {
	case errors.Is(err, ErrRevoked):
		return "revoked"
	case errors.Is(err, ErrExpired):
		return "expired"
	}
	return "active"
}

func (k *Key) usable(now time.Time) error {
	if k.RevokedAt != nil {
		return ErrRevoked
	}
	if k.ExpiresAt != 0 && k.ExpiresAt <= now.Unix() {
		return ErrExpired
	}
	return nil
}

// CheckHash says why a presented key, hashed with each pepper in force, is not good
// now: nil, ErrInvalid, ErrRevoked or ErrExpired.
func (k *Key) CheckHash(candidates []string, now time.Time) error {
	match := 0
	for _, c := range candidates {
		match |= subtle.ConstantTimeCompare([]byte(c), []byte(k.Hash))
		if now.Unix() < k.PrevUntil {
			match |= subtle.ConstantTimeCompare([]byte(c), []byte(k.PrevHash))
		}
	}
	if match != 1 || k.Hash == "" {
		return ErrInvalid
	}
	return k.usable(now)
}

// Presented says to which generation a presented key that CheckHash found good belongs,
// and until when (epoch seconds) it is good; 0 is for ever.
func (k *Key) Presented(candidates []string) (generation int, until int64) {
	match := 0
	for _, c := range candidates {
		match |= subtle.ConstantTimeCompare([]byte(c), []byte(k.Hash))
	}
	switch {
	case match == 1:
		return k.Generation, k.ExpiresAt
	case k.ExpiresAt == 0:
		return k.Generation - 1, k.PrevUntil
	}
	return k.Generation - 1, min(k.PrevUntil, k.ExpiresAt)
}

// CheckToken says why a token called jti, made from that generation of the key, is not
// good now.
func (k *Key) CheckToken(jti string, generation int, now time.Time) error {
	inGrace := generation == k.Generation-1 && now.Unix() < k.PrevUntil
	if generation != k.Generation && !inGrace {
		return ErrInvalid
	}
	if _, revoked := k.RevokedTokens[jti]; revoked {
		return ErrInvalid
	}
	return k.usable(now)
}
