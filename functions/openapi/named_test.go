package main

import (
	"encoding/json"
	"testing"
)

// A schema without a name becomes a type with a number for a name in the clients that others generate.
func TestEverySchemaOfARequestOrAnAnswerHasAName(t *testing.T) {
	type content map[string]struct{ Schema map[string]any }
	var doc struct {
		Paths map[string]map[string]struct {
			RequestBody struct{ Content content }
			Responses   map[string]struct{ Content content }
		}
		Components struct {
			Responses map[string]struct{ Content content }
		}
	}
	if err := json.Unmarshal(written, &doc); err != nil {
		t.Fatal(err)
	}
	named := func(place string, c content) {
		for media, of := range c {
			schema := of.Schema
			if items, ok := schema["items"].(map[string]any); ok {
				schema = items
			}
			for _, part := range []string{"properties", "oneOf", "anyOf", "allOf"} {
				if schema[part] != nil {
					t.Errorf("%s, %s: put its schema into components/schemas", place, media)
				}
			}
		}
	}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			named(method+" "+path, o.RequestBody.Content)
			for status, answer := range o.Responses {
				named(method+" "+path+" "+status, answer.Content)
			}
		}
	}
	for name, answer := range doc.Components.Responses {
		named(name, answer.Content)
	}
}
