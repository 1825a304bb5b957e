package scope

import (
	"fmt"
	"strings"
)

// A document is what a catalogue's JSON says.
type document struct {
	bases      []string
	scopes     []Scope
	lines      []int // of the scopes' names
	principals map[PrincipalKind][]Route
}

// maxNames bounds the names of all scopes, with a space between them. A user's token holds nearly all of
// them, and API Gateway takes 10,240 bytes of headers.
const maxNames = 4096

// readDocument reads JSON. Errors name the file, the line and what is wrong there. Without reserved, the
// document may have routes for kinds of principals, as Latchkey's own has; with it, it is a deployer's,
// which defines no scope of reserved.
func readDocument(file string, data []byte, reserved *Catalogue) (document, error) {
	r := newReader(file, data)
	d := document{principals: map[PrincipalKind][]Route{}}
	fields := map[string]func() error{
		"base_paths": func() (err error) { d.bases, err = r.basePaths(); return err },
		"scopes":     func() error { return r.list(func() error { return d.readScope(r, reserved) }) },
		"principals": func() error { return d.readPrincipals(r) },
	}
	if reserved != nil {
		fields["$schema"] = func() error { _, err := r.text(); return err }
		fields["principals"] = func() error {
			return r.wrong("principals are Latchkey's own, which every catalogue has: leave them out")
		}
	}
	err := r.object(fields)
	if err == nil && reserved != nil && len(d.scopes) == 0 {
		err = r.wrong("there are no scopes")
	}
	if err == nil {
		err = r.end()
	}
	return d, err
}

func (d *document) has(name string) bool {
	for _, s := range d.scopes {
		if s.Name == name {
			return true
		}
	}
	return false
}

func (d *document) readScope(r *reader, reserved *Catalogue) error {
	var s Scope
	line := 0
	fields := map[string]func() error{
		"name": func() (err error) {
			s.Name, err = r.text()
			line = r.line()
			switch {
			case err != nil:
				return err
			case reserved != nil && reserved.Has(s.Name):
				return r.wrong("%q is Latchkey's own, which every catalogue has: leave it out", s.Name)
			case s.Name != Admin && !wellFormed(s.Name, reserved == nil):
				return r.wrong("%q is not of the form read:resource or write:resource", s.Name)
			case d.has(s.Name):
				return r.wrong("%q is there twice", s.Name)
			}
			return nil
		},
		"description": func() (err error) { s.Description, err = r.text(); return err },
		"opens":       func() (err error) { s.Opens, err = r.routes(reserved == nil); return err },
	}
	if reserved == nil {
		fields["by_name"] = func() (err error) { s.ByName, err = r.truth(); return err }
	}
	err := r.object(fields)
	if err == nil && s.Name == "" {
		err = r.wrong("this scope has no name")
	}
	d.scopes, d.lines = append(d.scopes, s), append(d.lines, line)
	return err
}

func (d *document) readPrincipals(r *reader) error {
	fields := map[string]func() error{}
	for _, kind := range []PrincipalKind{AnyPrincipal, User, SecretKey, FullKey} {
		fields[string(kind)] = func() (err error) { d.principals[kind], err = r.routes(true); return err }
	}
	return r.object(fields)
}

// check looks for what is wrong with the scopes together with the base paths: which may stand after them.
func (d *document) check(file string, bases []string) error {
	total := 0
	for i, s := range d.scopes {
		if total += len(s.Name) + 1; total > maxNames {
			return fmt.Errorf("%s, line %d: the names of all scopes together are longer than %d characters, so a token that holds them would be too long for a header", file, d.lines[i], maxNames)
		}
		if s.Opens != nil || s.Name == Admin {
			continue
		}
		for _, route := range byConvention(s.Name, bases) {
			if len(route.Path) > maxPath {
				return fmt.Errorf("%s, line %d: %q opens a path that is longer than %d characters", file, d.lines[i], s.Name, maxPath)
			}
		}
	}
	return nil
}

// wellFormed reports whether a name has the form of a scope. Only Latchkey's own may verify something.
func wellFormed(name string, own bool) bool {
	action, resource, ok := strings.Cut(name, ":")
	known := action == "read" || action == "write" || own && action == "verify"
	if !ok || !known || resource == "" {
		return false
	}
	return strings.Trim(resource, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}
