package main

import (
	"os"
	"testing"
)

func TestEveryRouteHasItsRights(t *testing.T) {
	text, err := os.ReadFile("../../functions/openapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := parseDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range d.routes {
		known[r.String()] = true
		if rights[r.String()] == "" {
			t.Errorf("%s is in the OpenAPI document, and rights.go does not tell who may call it", r)
		}
	}
	for name := range rights {
		if !known[name] {
			t.Errorf("rights.go tells who may call %s, and the OpenAPI document has no such route", name)
		}
	}
}
