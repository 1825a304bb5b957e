package scope

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A reader walks the catalogue's JSON token by token, so that whatever is wrong with
// its content is told with the line that it stands on, as a syntax error is.
type reader struct {
	data []byte
	dec  *json.Decoder
}

func newReader(data []byte) *reader {
	return &reader{data, json.NewDecoder(bytes.NewReader(data))}
}

// wrong is an error at the token that was read last.
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

// list reads an array; each reads one element.
func (r *reader) list(each func() error) error {
	return r.within('[', "a list", each)
}

// object reads an object; of each member its name, then fields[name] its value. Other
// names, and one name twice, are mistakes.
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
			return r.wrong("%q stands twice", name)
		}
		seen = append(seen, name)
		return fields[name]()
	})
}

// end wants nothing more to follow.
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
		return r.wrong("%v stands where %s belongs", t, what)
	}
	for r.dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	_, err = r.token() // the closing one
	return err
}
