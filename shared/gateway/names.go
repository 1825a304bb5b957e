package gateway

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"strings"

	"github.com/latchkey/latchkey/shared/problem"
)

// checkNames refuses an object that has a name twice, or a name that is not one of the fields of
// the Go type that reads it. encoding/json accepts both: it takes the last value, and it takes
// Scopes and ſcopes for scopes. A proxy before us may take another value, and check that one.
// body must be valid JSON.
func checkNames(body []byte, t reflect.Type) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // the value of a number is not looked at
	return names{dec}.value(t, "")
}

type names struct{ dec *json.Decoder }

// value reads a value, which Go reads as a t; nil if no type says which names there can be.
func (n names) value(t reflect.Type, path string) error {
	token, err := n.dec.Token()
	if err != nil {
		return problem.InvalidJSON
	}
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch token {
	case json.Delim('{'):
		err = n.object(t, path)
	case json.Delim('['):
		err = n.array(t, path)
	default:
		return nil
	}
	if err == nil {
		_, err = n.dec.Token() // the closing one
	}
	return err
}

func (n names) array(t reflect.Type, path string) error {
	var element reflect.Type
	if t != nil && t.Kind() == reflect.Slice && t != reflect.TypeFor[json.RawMessage]() {
		element = t.Elem()
	}
	for n.dec.More() {
		if err := n.value(element, path); err != nil {
			return err
		}
	}
	return nil
}

func (n names) object(t reflect.Type, path string) error {
	fields := fieldsOf(t)
	seen := map[string]bool{}
	for n.dec.More() {
		token, err := n.dec.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return problem.InvalidJSON
		}
		at := strings.TrimPrefix(path+"."+name, ".")
		field, known := fields[name]
		switch {
		case fields != nil && !known:
			return problem.Validation(problem.Field{Field: at, Message: "is not a field of this request"})
		case seen[name]:
			return problem.Validation(problem.Field{Field: at, Message: "is there twice"})
		}
		seen[name] = true
		if err := n.value(field, at); err != nil {
			return err
		}
	}
	return nil
}

// fieldsOf returns the fields of a struct by their names in JSON, or nil for another type.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			maps.Copy(fields, fieldsOf(f.Type))
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[name] = f.Type
	}
	return fields
}
