// Package factor owns what a user has besides a password: authenticator apps (TOTP, RFC 6238), passkeys
// (WebAuthn) and recovery codes.
//
//	begin   a pending factor, for a few minutes: the secret of an app, or the challenge for a passkey
//	confirm a code of the app, or the credential of the passkey: from now on a login asks for a factor
//
// Package mfa checks what somebody presents. Package passkey knows WebAuthn; this one does not, so a
// function that only begins a login does not link it.
package factor

import (
	"time"

	"github.com/latchkey/latchkey/shared/randomid"
)

// Types of factors, and ways to prove one.
const (
	TOTP     = "totp"
	Passkey  = "passkey"
	Recovery = "recovery_code"
)

// Most is how many factors a user may have, pending ones included.
const Most = 10

// PendingFor is how long a factor can be confirmed.
const PendingFor = 10 * time.Minute

// ProvenFor is how long after a proof a session may change the factors of its user.
const ProvenFor = 10 * time.Minute

// A Factor is an authenticator app or a passkey of a user.
type Factor struct {
	ID          string     `dynamodbav:"id"`
	UserID      string     `dynamodbav:"owner"`
	Type        string     `dynamodbav:"type"`
	Name        string     `dynamodbav:"name"`
	CreatedAt   time.Time  `dynamodbav:"created_at"`
	ConfirmedAt *time.Time `dynamodbav:"confirmed_at,omitempty"` // nil: pending, and worth nothing yet
	LastUsedAt  int64      `dynamodbav:"last_used_at,omitempty"` // epoch seconds

	// Of a pending factor.
	Session   string `dynamodbav:"session_id,omitempty"` // what began it, and alone may confirm it
	Challenge string `dynamodbav:"challenge,omitempty"`  // of a passkey, base64url; the client knows it too
	ExpiresAt int64  `dynamodbav:"expires_at,omitempty"` // epoch seconds; the table's TTL attribute

	Secret   string `dynamodbav:"secret,omitempty"`    // of an app, sealed (Vault)
	LastStep int64  `dynamodbav:"last_step,omitempty"` // of an app: the step of the last code that was accepted

	Credential *Credential `dynamodbav:"credential,omitempty"` // of a passkey
	SignCount  int64       `dynamodbav:"sign_count"`           // of a passkey, at its last use
	CopiedAt   int64       `dynamodbav:"copied_at,omitempty"`  // epoch seconds at which a counter ran backwards: there may be a copy
}

// A Credential is the public part of a passkey.
type Credential struct {
	ID             []byte   `dynamodbav:"id"`
	PublicKey      []byte   `dynamodbav:"public_key"` // COSE
	Transports     []string `dynamodbav:"transports,omitempty"`
	BackupEligible bool     `dynamodbav:"backup_eligible"` // it can be on more than one device
	UserVerified   bool     `dynamodbav:"user_verified"`   // at its registration
}

// Begin makes a pending factor.
func Begin(userID, kind, name, session string, now time.Time) Factor {
	return Factor{
		ID: randomid.New("fct_"), UserID: userID, Type: kind, Name: name, Session: session,
		CreatedAt: now.UTC(), ExpiresAt: now.Add(PendingFor).Unix(),
	}
}

// ValidID reports whether id has the form of a factor's id.
func ValidID(id string) bool { return randomid.Valid("fct_", id) }

// Pending reports whether the factor waits for its confirmation.
func (f Factor) Pending() bool { return f.ConfirmedAt == nil }

// Confirmable reports whether what began the factor can still confirm it.
func (f Factor) Confirmable(session string, now time.Time) bool {
	return f.Pending() && f.Session == session && f.ExpiresAt > now.Unix()
}

// A Set is what a user has.
type Set struct {
	Factors []Factor // confirmed ones and pending ones
	Codes   []string // MACs of the recovery codes that are left
}

// Confirmed returns the factors of a type, or of all for "", that a login can be completed with.
func (s Set) Confirmed(kind string) []Factor {
	var all []Factor
	for _, f := range s.Factors {
		if !f.Pending() && (kind == "" || f.Type == kind) {
			all = append(all, f)
		}
	}
	return all
}

// Find returns the factor of an id.
func (s Set) Find(id string) (Factor, bool) {
	for _, f := range s.Factors {
		if f.ID == id {
			return f, true
		}
	}
	return Factor{}, false
}

// Types returns the types of the confirmed factors.
func (s Set) Types() []string {
	var types []string
	for _, kind := range []string{TOTP, Passkey} {
		if len(s.Confirmed(kind)) > 0 {
			types = append(types, kind)
		}
	}
	return types
}

// A View is a factor as its user sees it.
type View struct {
	ID         string     `json:"id"`
	Type       string     `json:"type"`
	Name       string     `json:"name"`
	CreatedAt  time.Time  `json:"created_at"`
	Confirmed  bool       `json:"confirmed"`
	LastUsedAt *time.Time `json:"last_used_at"`
	CopiedAt   *time.Time `json:"copied_at,omitempty"` // a passkey whose counter ran backwards
	Synced     *bool      `json:"synced,omitempty"`    // a passkey that can be on more than one device
}

// View returns the factor as its user sees it.
func (f Factor) View() View {
	v := View{f.ID, f.Type, f.Name, f.CreatedAt, !f.Pending(), moment(f.LastUsedAt), moment(f.CopiedAt), nil}
	if f.Credential != nil {
		v.Synced = &f.Credential.BackupEligible
	}
	return v
}

func moment(seconds int64) *time.Time {
	if seconds == 0 {
		return nil
	}
	at := time.Unix(seconds, 0).UTC()
	return &at
}
