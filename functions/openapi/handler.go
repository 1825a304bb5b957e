package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/scope"
)

// written is the document as it is written by hand. Tests compare it with template.yaml and the
// functions.
//
//go:embed openapi.json
var written []byte

// document is written with the scopes of a catalogue.
var document = scope.Derived(func(c *scope.Catalogue) []byte { return describeScopes(written, c.Scopes()) })

// placeholder is replaced by the deployment's own URL.
const placeholder = "https://api.example.com"

type handler struct{ issuer string }

func (h handler) serve(_ context.Context, r *gateway.Request) (gateway.Response, error) {
	// The URL may come from the request's headers. Quoted as JSON, it cannot end the string that
	// it is put into.
	quoted, err := json.Marshal(strings.TrimSuffix(r.PublicURL(h.issuer), "/"))
	if err != nil {
		return gateway.Response{}, err
	}
	url := bytes.Trim(quoted, `"`)
	return gateway.JSON(200, bytes.ReplaceAll(document(scope.Default()), []byte(placeholder), url)), nil
}

func describeScopes(text []byte, scopes []scope.Scope) []byte {
	var names []string
	spellings := []string{"read", "write"} // admin is a scope
	descriptions := map[string]string{}
	for _, s := range scopes {
		names = append(names, s.Name)
		spellings = append(spellings, s.Name)
		if action, resource, ok := strings.Cut(s.Name, ":"); ok {
			spellings = append(spellings, resource+":"+action)
		}
		descriptions[s.Name] = s.Description
	}
	text = set(text, names, "components", "schemas", "Scope", "enum")
	// A pattern, and no list: in clients that are made of the document a spelling stays a string.
	text = set(text, "^("+strings.Join(spellings, "|")+")$", "components", "schemas", "ScopeSpelling", "pattern")
	return set(text, descriptions, "components", "securitySchemes", "oauth", "flows", "clientCredentials", "scopes")
}

// set replaces the value at a path of objects. All of them must be there.
func set(text []byte, value any, path ...string) []byte {
	var object map[string]json.RawMessage
	if len(path) > 0 {
		if err := json.Unmarshal(text, &object); err != nil || object[path[0]] == nil {
			panic("openapi.json has no " + path[0]) // a test reads the same bytes
		}
		object[path[0]] = set(object[path[0]], value, path[1:]...)
		value = object
	}
	out, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return out
}
