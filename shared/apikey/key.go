package apikey

import (
	"crypto/subtle"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
)

// The reasons to refuse a key. ErrInvalid has no details: somebody who guesses secrets must not
// learn that the id was right.
var (
	ErrInvalid  = errors.New("API key is not valid")
	ErrRevoked  = errors.New("API key is revoked")
	ErrExpired  = errors.New("API key has expired")
	ErrDisabled = errors.New("API key is disabled")
)

// MaxDepth limits how many keys a key comes from. So revoking all that came from a key ends, however
// fast those make others meanwhile.
const MaxDepth = 8

// MaxRevokedTokens limits a key's list of revoked tokens, because every check of the key reads
// it.
const MaxRevokedTokens = 100

// A Key is a key as the table holds it: everything but the secret.
type Key struct {
	ID         string            `dynamodbav:"id"`
	Label      string            `dynamodbav:"label"`
	Type       Type              `dynamodbav:"type"`
	Prefix     string            `dynamodbav:"prefix"`
	Masked     string            `dynamodbav:"masked"`
	Owner      string            `dynamodbav:"owner"`       // the user who answers for it
	OwnerEmail string            `dynamodbav:"owner_email"` // e-mail addresses do not change
	Project    string            `dynamodbav:"project"`
	Customer   string            `dynamodbav:"customer,omitempty"` // for whom it was made, or ""
	Scopes     []string          `dynamodbav:"scopes"`
	Metadata   map[string]string `dynamodbav:"metadata,omitempty"`
	AllowedIPs []string          `dynamodbav:"allowed_ips,omitempty"`

	Hash       string `dynamodbav:"key_hash"`             // <pepper version>:<HMAC-SHA-256>, see secret.Ring; of an imported key see Unpeppered
	Generation int    `dynamodbav:"generation"`           // counts regenerations, from 1
	PrevHash   string `dynamodbav:"prev_hash,omitempty"`  // of the generation before, good until PrevUntil
	PrevUntil  int64  `dynamodbav:"prev_until,omitempty"` // epoch seconds

	CreatedAt  time.Time  `dynamodbav:"created_at"`
	CreatedBy  string     `dynamodbav:"created_by,omitempty"` // id of the key that made it; "" if a user did, or an earlier release
	Depth      int        `dynamodbav:"depth,omitempty"`      // how many keys it came from: its maker, the maker's maker, …
	ExpiresAt  int64      `dynamodbav:"expires_at,omitempty"` // epoch seconds; the table's TTL attribute
	RevokedAt  *time.Time `dynamodbav:"revoked_at,omitempty"`
	DisabledAt *time.Time `dynamodbav:"disabled_at,omitempty"`  // nil: enabled
	LastUsedAt int64      `dynamodbav:"last_used_at,omitempty"` // epoch seconds

	// RevokedTokens has the tokens made from the key that were revoked one by one: the jti of
	// each, and when it would have expired (epoch seconds). There are at most MaxRevokedTokens.
	RevokedTokens map[string]int64 `dynamodbav:"revoked_tokens,omitempty"`

	audit.Head // of its log

	Salt                // of an imported key that was not used yet
	ratelimit.Overrides // the limits of its own
	quota.Quota

	// Holder is not stored. A check sets it on a key of a customer.
	Holder *customer.Customer `dynamodbav:"-"`
	// Rehash is not stored. A check sets it on a key whose hash is under an older pepper.
	Rehash *Rehash `dynamodbav:"-"`
}

// A Rehash says that From and To are hashes of the same secret of a key; see package rehash.
type Rehash struct {
	From string `json:"from"` // <pepper version>:<HMAC-SHA-256>, as the key has it
	To   string `json:"to"`   // the same under the version that is current
	Seal string `json:"seal"` // HMAC-SHA-256 over both and the key's id, under that version
}

// State is "active", "disabled", "revoked" or "expired".
func (k *Key) State(now time.Time) string {
	switch err := k.usable(now); {
	case errors.Is(err, ErrRevoked):
		return "revoked"
	case errors.Is(err, ErrExpired):
		return "expired"
	case errors.Is(err, ErrDisabled):
		return "disabled"
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
	if k.DisabledAt != nil {
		return ErrDisabled
	}
	return nil
}

// Ended reports whether the key is revoked or expired, which is for ever. A disabled key is not.
func (k *Key) Ended(now time.Time) bool {
	err := k.usable(now)
	return errors.Is(err, ErrRevoked) || errors.Is(err, ErrExpired)
}

// CheckHash checks a presented key, given its hash under each pepper in use. It returns nil for a
// good key, else ErrInvalid, ErrRevoked, ErrExpired or ErrDisabled.
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

// Presented returns the generation of a presented key that CheckHash found good, and when it
// expires (epoch seconds; 0 for never).
func (k *Key) Presented(candidates []string) (generation int, until int64) {
	match := 0
	for _, c := range candidates {
		match |= subtle.ConstantTimeCompare([]byte(c), []byte(k.Hash))
	}
	if match == 1 {
		return k.Generation, k.Until(k.Generation)
	}
	return k.Generation - 1, k.Until(k.Generation - 1)
}

// Until returns when a secret of the key expires that is good now, given its generation (epoch
// seconds; 0 for never).
func (k *Key) Until(generation int) int64 {
	switch {
	case generation == k.Generation:
		return k.ExpiresAt
	case k.ExpiresAt == 0:
		return k.PrevUntil
	}
	return min(k.PrevUntil, k.ExpiresAt)
}

// Grants returns the scopes that the key opens now: see GrantedBy.
func (k *Key) Grants() scope.Set { return k.GrantedBy(scope.Default()) }

// GrantedBy returns the scopes that the key opens under a catalogue: those it was given that the
// catalogue still has and its type allows.
func (k *Key) GrantedBy(c *scope.Catalogue) scope.Set {
	granted := k.Holder.Within(c.Known(k.Scopes), c)
	if k.Type == Scoped { // its ceiling is the catalogue
		return granted
	}
	return granted.Intersect(k.Type.Ceiling(c))
}

// CheckToken checks the token jti, made from that generation of the key. It returns the same
// errors as CheckHash.
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
