package scope

import (
	_ "embed"
	"slices"
	"sync"
)

//go:embed latchkey.json
var latchkeys []byte

//go:embed catalogue.json
var embedded []byte

// BuiltIn is the name of the file that has the scopes with which a deployment is built.
const BuiltIn = "shared/scope/catalogue.json"

// latchkey returns Latchkey's own scopes and routes.
var latchkey = sync.OnceValue(func() *Catalogue {
	c, err := ParseCatalogue(latchkeys)
	if err != nil {
		panic(err) // a test reads the same bytes
	}
	return c
})

// ParseCatalogue reads a whole catalogue, which has routes for kinds of principals too. basePaths, if
// any, replace its own. Errors name the line and what is wrong there.
func ParseCatalogue(data []byte, basePaths ...string) (*Catalogue, error) {
	const file = "catalogue.json"
	d, err := readDocument(file, data, nil)
	if err != nil {
		return nil, err
	}
	bases, err := d.basesOr(basePaths)
	if err != nil {
		return nil, err
	}
	return newCatalogue(d, bases), d.check(file, bases)
}

// Compose reads a deployer's catalogue, and adds Latchkey's own scopes and routes. basePaths, if any,
// replace those of the catalogue. Errors name the file, the line and what is wrong there.
func Compose(file string, data []byte, basePaths ...string) (*Catalogue, error) {
	d, err := readDocument(file, data, latchkey())
	if err != nil {
		return nil, err
	}
	bases, err := d.basesOr(basePaths)
	if err != nil {
		return nil, err
	}
	if err := d.check(file, bases); err != nil {
		return nil, err
	}
	return withLatchkeys(d, bases), nil
}

// recompose is Compose for a catalogue that an earlier release may have accepted. It may define a scope
// that is Latchkey's own by now. Then it keeps the meaning that it had, and opens no route of
// Latchkey's API: nobody who was given it gains anything by an upgrade.
func recompose(data []byte, basePaths ...string) (*Catalogue, error) {
	const file = "the catalogue in force"
	d, err := readDocument(file, data, &Catalogue{})
	if err != nil {
		return nil, err
	}
	bases, err := d.basesOr(basePaths)
	if err != nil {
		return nil, err
	}
	return withLatchkeys(d, bases), nil
}

// withLatchkeys makes the catalogue of a deployer's document, and of Latchkey's own scopes that it
// does not define.
func withLatchkeys(d document, bases []string) *Catalogue {
	own := latchkey()
	var added Set
	for _, s := range own.scopes {
		if !d.has(s.Name) {
			d.scopes, added = append(d.scopes, s), append(added, s.Name)
		}
	}
	d.principals = own.principals
	c := newCatalogue(d, bases)
	c.latchkeys = added.sorted()
	return c
}

// basesOr returns the base paths, or others in their place if there are any.
func (d *document) basesOr(others []string) ([]string, error) {
	if len(others) == 0 {
		return d.bases, nil
	}
	for _, base := range others {
		if err := checkBase(base); err != nil {
			return nil, err
		}
	}
	return slices.Clone(others), nil
}
