package apikey

import "github.com/latchkey/latchkey/shared/scope"

// A Type is the purpose of a key, and limits what the key can be granted.
type Type string

const (
	Scoped   Type = "scoped"    // exactly its scopes; the default
	Secret   Type = "secret"    // everything in the project, may create keys
	Client   Type = "client"    // write:events only
	ReadOnly Type = "read_only" // read:* only
)

// ParseType reads a type's name. "" means Scoped, and "server" means Secret.
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

// DefaultPrefix is the prefix of scoped keys in a project that has set none.
const DefaultPrefix = "gf_"

// Prefix returns the prefix of keys of this type, in a project whose own prefix is given.
func (t Type) Prefix(project string) string {
	if p := t.prefix(); p != "" {
		return p
	}
	return project
}

// ShowsOwner reports whether the holder of a key of this type may know its owner's e-mail address.
// A client key is in the hands of anybody who has the app.
func (t Type) ShowsOwner() bool { return t == Scoped || t == Secret || t == ReadOnly }

// Ceiling returns the scopes that a key of this type can be granted at most: none for a type that
// this release does not know.
func (t Type) Ceiling(c *scope.Catalogue) scope.Set {
	switch t {
	case Secret:
		return c.OfMembers()
	case Client:
		return scope.Set{"write:events"}
	case ReadOnly:
		return c.ReadOnly()
	case Scoped:
		return c.All()
	}
	return nil
}
