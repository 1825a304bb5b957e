package scope

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A reader reads the catalogue's JSON token by token, so that an error in its content names the
// line, as a syntax error does.
type reader struct {
	data []byte
	dec  *json.Decoder
}

func newReader(data []byte) *reader {
	return &reader{data, json.NewDecoder(bytes.NewReader(data))}
}

// wrong returns an error at the token that was read last.
func (r *reader) wrong(format string, args ...any) error {
	line := 1 + bytes.Count(r.data[:r.dec.InputOffset()], []byte("\n"))
	return fmt.Errorf("catalogue.json, line %d: %w", line, fmt.Errorf(format, args...))
}

func (r *reader) token() (json.Token, error) {
	t, err := r.dec.Token()
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
			return r.wrong("there is no field %q here", name)
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
