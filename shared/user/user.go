// Package user owns the people who log in.
package user

import (
	"errors"
	"net/mail"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/randomid"
)

// Roles. Any other word means Member.
const (
	Admin  = "admin"
	Member = "member"
)

// A User is a person. Their e-mail address does not change.
type User struct {
	ID        string    `dynamodbav:"id"`
	Email     string    `dynamodbav:"email"` // as Address wrote it
	Role      string    `dynamodbav:"role"`
	CreatedAt time.Time `dynamodbav:"created_at"`

	// DisabledAt is set while the user is disabled, and from the beginning of a deletion for ever. Then
	// nobody can log in as them, and no session or key of theirs can be made (store.admitted).
	DisabledAt *time.Time `dynamodbav:"disabled_at,omitempty"`
	DeletingAt *time.Time `dynamodbav:"deleting_at,omitempty"` // the deletion has begun
	DeletedAt  *time.Time `dynamodbav:"deleted_at,omitempty"`  // nothing but the id is left of the person
	// PasswordMark names the password in force; it is absent until the first one is replaced. While
	// another takes its place, ReplacedBy names that one, and until ReplacedUntil nobody can log in
	// (store.BeginPassword).
	PasswordMark  string `dynamodbav:"password_mark,omitempty"`
	ReplacedBy    string `dynamodbav:"replaced_by,omitempty"`
	ReplacedUntil int64  `dynamodbav:"replaced_until,omitempty"` // epoch seconds

	InvitedAt  *time.Time `dynamodbav:"invited_at,omitempty"`  // until the user has chosen a first password
	VerifiedAt *time.Time `dynamodbav:"verified_at,omitempty"` // when the user showed that they read mail to their address

	// The newest link of each purpose, until it is used.
	ResetLink        *link.Link `dynamodbav:"reset_link,omitempty"`
	InvitationLink   *link.Link `dynamodbav:"invitation_link,omitempty"`
	VerificationLink *link.Link `dynamodbav:"verification_link,omitempty"`

	// Ending is set while sessions and keys are to be ended that the user has no right to any more. It
	// names the change that took the right.
	Ending string `dynamodbav:"ending,omitempty"`

	audit.Head // of the chain of the account's log; the zero Head if no release with such a log has changed the user

	// Factors is a mark that each change of the user's second factors replaces; "" while there are none. A
	// session is made only while it is as the login read it. FactorTypes are the types that they have.
	Factors     string   `dynamodbav:"factors,omitempty"`
	FactorTypes []string `dynamodbav:"factor_types,omitempty"`
}

// A Login is the item against which an e-mail address and a password are checked.
type Login struct {
	UserID       string `dynamodbav:"user_id"`
	PasswordHash string `dynamodbav:"password_hash"`
	PasswordMark string `dynamodbav:"password_mark,omitempty"` // of that password: see User
}

// New makes a user with a fresh id.
func New(email, role string, now time.Time) User {
	return User{ID: randomid.New("usr_"), Email: email, Role: role, CreatedAt: now.UTC()}
}

// Link returns the newest link of a purpose, or nil.
func (u User) Link(p link.Purpose) *link.Link {
	switch p {
	case link.Reset:
		return u.ResetLink
	case link.Invitation:
		return u.InvitationLink
	}
	return u.VerificationLink
}

// ValidID reports whether id has the form of a user's id.
func ValidID(id string) bool { return randomid.Valid("usr_", id) }

// RoleOf reads a role. An unknown word is Member.
func RoleOf(word string) string {
	if word == Admin {
		return Admin
	}
	return Member
}

// DefaultProject returns the project of those of a user's keys that name none.
func DefaultProject(userID string) string { return "prj_" + strings.TrimPrefix(userID, "usr_") }

// ErrAddress reports a text that is not an e-mail address.
var ErrAddress = errors.New("must be an e-mail address of at most 254 characters")

// Address reads an e-mail address and returns it in lower case, because addresses that differ
// only in case are the same here.
func Address(text string) (string, error) {
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || len(text) > 254 || strings.ContainsAny(text, " \t\r\n\x00") {
		return "", ErrAddress
	}
	return strings.ToLower(text), nil
}

// Words returns the words in an e-mail address that a guesser of its owner's password tries.
func Words(email string) []string {
	split := func(r rune) bool { return strings.ContainsRune("@.-_+", r) }
	return append(strings.FieldsFunc(email, split), email)
}

// A View is a user as callers see it.
type View struct {
	ID        string    `json:"id"`
	Email     string    `json:"email,omitempty"` // absent where a client key asks
	Role      string    `json:"role"`
	CreatedAt time.Time `json:"created_at"`
}

// View returns the user as callers see it.
func (u User) View() View { return View{u.ID, u.Email, u.Role, u.CreatedAt} }
