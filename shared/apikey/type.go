package apikey

import "github.com/latchkey/latchkey/shared/scope"

// Type says what a key is made for, and so the most that it can be granted.
type Type string

const (
	Scoped   Type = "scoped"    // exactly its scopes; the default
	Secret   Type = "secret"    // everything in the project, may create keys
	Client   Type = "client"    // write:events only
	ReadOnly Type = "read_only" // read:* only
)

// ParseType reads a type's name; "" is Scoped, and "server" another word for Secret.
func ParseType(name string) (Type, bool) {
	switch t := Type(name); t {
	case "":
		return Scoped, true
	case "server":
		return Secret, true
	case Scoped, Secret, Client, ReadOnly:
		return t, true
	}
	return "", false
}

func (t Type) prefix() string {
	switch t {
	case Secret:
		return "sk_"
	case Client:
		return "ck_"
	case ReadOnly:
		return "ro_"
	}
	return ""
}

// DefaultPrefix is that of scoped keys in a project which set none of its own.
const DefaultPrefix = "gf_"

// Prefix is what a key of this type starts with, in a project with that prefix.
func (t Type) Prefix(project string) string {
	if p := t.prefix(); p != "" {
		return p
	}
	return project
}

// Ceiling is the most that a key of this type can be granted.
func (t Type) Ceiling(c *scope.Catalogue) scope.Set {
	switch t {
	case Secret:
		return c.AllButAdmin()
	case Client:
		return scope.Set{"write:events"}
	case ReadOnly:
		return c.ReadOnly()
	}
	return c.All()
}
