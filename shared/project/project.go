// Package project owns projects. A key opens everything in its project and nothing in another.
package project

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/randomid"
	"github.com/latchkey/latchkey/shared/user"
)

// A Project belongs to one user and gives its scoped keys their prefix.
type Project struct {
	ID        string    `dynamodbav:"id"`
	Name      string    `dynamodbav:"name"`
	KeyPrefix string    `dynamodbav:"key_prefix"`
	Color     string    `dynamodbav:"color,omitempty"` // "" for DefaultColor
	Owner     string    `dynamodbav:"owner"`
	CreatedAt time.Time `dynamodbav:"created_at"`
	// Heirs are other users to whom keys of the project were handed. When the owner is deleted, the
	// project goes to one of them.
	Heirs []string `dynamodbav:"heirs,stringset,omitempty"`
}

// DefaultColor is the color of a project that was given none.
const DefaultColor = "#6366f1"

// ValidColor reports whether text has the form of a CSS color: hexadecimal, or a name.
func ValidColor(text string) bool {
	if digits, hex := strings.CutPrefix(text, "#"); hex {
		return strings.Trim(digits, "0123456789ABCDEFabcdef") == "" && slices.Contains([]int{3, 4, 6, 8}, len(digits))
	}
	return len(text) >= 1 && len(text) <= 32 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
}

// New makes a project with a fresh id.
func New(owner, name, keyPrefix string, now time.Time) Project {
	return Project{ID: randomid.New("prj_"), Name: name, KeyPrefix: keyPrefix, Owner: owner, CreatedAt: now.UTC()}
}

// Default returns the project that a user gets at registration.
func Default(u user.User) Project {
	return Project{
		ID: user.DefaultProject(u.ID), Name: "Default", KeyPrefix: apikey.DefaultPrefix,
		Owner: u.ID, CreatedAt: u.CreatedAt,
	}
}

// ValidID reports whether id has the form of a project's id.
func ValidID(id string) bool { return randomid.Valid("prj_", id) }

// A View is a project as callers see it. Name and label, created_at and createdAt are one thing
// in the words of different dialects (docs/dialects.md).
type View struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Label      string    `json:"label"`
	KeyPrefix  string    `json:"key_prefix"`
	Color      string    `json:"color"`
	CreatedAt  time.Time `json:"created_at"`
	CreatedAt2 time.Time `json:"createdAt"`
}

// View returns the project as callers see it.
func (p Project) View() View {
	return View{p.ID, p.Name, p.Name, p.KeyPrefix, cmp.Or(p.Color, DefaultColor), p.CreatedAt, p.CreatedAt}
}
