package scope

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A reader reads the catalogue's JSON token by token, so that an error in its content names the
// line, as a syntax error does.
type reader struct {
	file string
	data []byte
	dec  *json.Decoder
}

func newReader(file string, data []byte) *reader {
	return &reader{file, data, json.NewDecoder(bytes.NewReader(data))}
}

// line returns the line of the token that was read last, or that cannot be read.
func (r *reader) line() int { return 1 + bytes.Count(r.data[:r.dec.InputOffset()], []byte("\n")) }

// wrong returns an error at the token that was read last.
func (r *reader) wrong(format string, args ...any) error {
	return fmt.Errorf("%s, line %d: %w", r.file, r.line(), fmt.Errorf(format, args...))
}

func (r *reader) token() (json.Token, error) {
	t, err := r.dec.Token()
	if err == io.EOF { //nolint:errorlint // Token returns it bare
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, r.wrong("%w", err)
	}
	return t, nil
}

func (r *reader) text() (string, error) {
	t, err := r.token()
	if err != nil {
		return "", err
	}
	text, ok := t.(string)
	if !ok {
		return "", r.wrong("%v is not a text in quotes", t)
	}
	return text, nil
}

func (r *reader) truth() (bool, error) {
	t, err := r.token()
	if err != nil {
		return false, err
	}
	truth, ok := t.(bool)
	if !ok {
		return false, r.wrong("%v is not true or false", t)
	}
	return truth, nil
}

// list reads an array. each is called to read one element.
func (r *reader) list(each func() error) error {
	return r.within('[', "a list", each)
}

// object reads an object: the name of each member, then its value with fields[name]. A name that
// is not in fields, and a name twice, are errors.
func (r *reader) object(fields map[string]func() error) error {
	var seen []string
	return r.within('{', "an object", func() error {
		name, err := r.text()
		if err != nil {
			return err
		}
		if fields[name] == nil {
			return r.wrong("there is no field %q here, only %s", name, strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		}
		if slices.Contains(seen, name) {
			return r.wrong("%q is there twice", name)
		}
		seen = append(seen, name)
		return fields[name]()
	})
}

// end returns an error if anything follows.
func (r *reader) end() error {
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return r.wrong("something follows the catalogue's end")
	}
	return nil
}

func (r *reader) within(open json.Delim, what string, each func() error) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	if t != open {
		return r.wrong("found %v instead of %s", t, what)
	}
	for r.dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	_, err = r.token() // the closing one
	return err
}

func (r *reader) basePaths() ([]string, error) {
	var bases []string
	err := r.list(func() error {
		base, err := r.text()
		if err == nil && checkBase(base) != nil {
			err = r.wrong("%w", checkBase(base))
		}
		bases = append(bases, base)
		return err
	})
	return bases, err
}

// routes reads lines of METHOD /path. An empty list is not nil: it opens nothing, whereas a scope
// without a list opens its convention's routes. Only Latchkey's own admin may open everything.
func (r *reader) routes(everything bool) ([]Route, error) {
	routes := []Route{}
	err := r.list(func() error {
		line, err := r.text()
		if err != nil {
			return err
		}
		parsed, err := parseRoute(line)
		if err != nil {
			return r.wrong("%w", err)
		}
		if !everything && parsed[0] == (Route{"*", "/*"}) {
			return r.wrong("%q: only admin opens everything", line)
		}
		routes = append(routes, parsed...)
		return nil
	})
	return routes, err
}
