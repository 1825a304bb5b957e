// Package user owns the people who log in.
package user

import (
	"errors"
	"net/mail"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/randomid"
)

// Roles. A word that is none of them is a Member.
const (
	Admin  = "admin"
	Member = "member"
)

// A User is a person. E-mail and role do not change once registered.
type User struct {
	ID        string    `dynamodbav:"id"`
	Email     string    `dynamodbav:"email"` // as Address wrote it
	Role      string    `dynamodbav:"role"`
	CreatedAt time.Time `dynamodbav:"created_at"`
}

// A Login is what an e-mail address and a password are checked against.
type Login struct {
	UserID       string `dynamodbav:"user_id"`
	PasswordHash string `dynamodbav:"password_hash"`
}

// New makes a user with a fresh id.
func New(email, role string, now time.Time) User {
	return User{ID: randomid.New("usr_"), Email: email, Role: role, CreatedAt: now.UTC()}
}

// RoleOf reads a role; anything unrecognised is Member.
func RoleOf(word string) string {
	if word == Admin {
		return Admin
	}
	return Member
}

// DefaultProject is the project of a user's keys that name none.
func DefaultProject(userID string) string { return "prj_" + strings.TrimPrefix(userID, "usr_") }

// ErrAddress is a text that is no e-mail address.
var ErrAddress = errors.New("must be an e-mail address of at most 254 characters")

// Address reads an e-mail address, in lower case: two that differ only in case are one.
func Address(text string) (string, error) {
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || len(text) > 254 || strings.ContainsAny(text, " \t\r\n\x00") {
		return "", ErrAddress
	}
	return strings.ToLower(text), nil
}

// A View is a user as callers see one.
type View struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"`
	Role      string    `json:"role"`
	CreatedAt time.Time `json:"created_at"`
}

// View shows a user.
func (u User) View() View { return View(u) }
