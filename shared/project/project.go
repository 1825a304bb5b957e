// Package project owns projects: a key opens all of one project and nothing of another.
package project

import (
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
	Owner     string    `dynamodbav:"owner"`
	CreatedAt time.Time `dynamodbav:"created_at"`
}

// New makes a project with a fresh id.
func New(owner, name, keyPrefix string, now time.Time) Project {
	return Project{ID: randomid.New("prj_"), Name: name, KeyPrefix: keyPrefix, Owner: owner, CreatedAt: now.UTC()}
}

// Default is the project that a user is registered with.
func Default(u user.User) Project {
	return Project{
		ID: user.DefaultProject(u.ID), Name: "Default", KeyPrefix: apikey.DefaultPrefix,
		Owner: u.ID, CreatedAt: u.CreatedAt,
	}
}

// ValidID says whether id has the form of a project's id.
func ValidID(id string) bool { return randomid.Valid("prj_", id) }

// A View is a project as callers see one.
type View struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	KeyPrefix string    `json:"key_prefix"`
	CreatedAt time.Time `json:"created_at"`
}

// View shows a project.
func (p Project) View() View { return View{p.ID, p.Name, p.KeyPrefix, p.CreatedAt} }
