package main

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkey/latchkey/tests/caller"
)

// A route is an operation of the OpenAPI document.
type route struct {
	method, path string
	statuses     []int            // that the document has
	body         string           // media type, or "" for none
	required     bool             // the body is
	lines        bool             // the body may be JSON Lines: each line has an answer of its own, within a 200
	examples     []map[string]any // of the body
	query        []string
}

func (r route) String() string { return r.method + " " + r.path }

// kind is what {id} in its path names: key, run or session; or "" if there is none.
func (r route) kind() string {
	before, _, found := strings.Cut(r.path, "/{id}")
	if !found {
		return ""
	}
	of := before[strings.LastIndex(before, "/")+1:]
	return cmp.Or(map[string]string{"api-keys": "key", "runs": "run", "sessions": "session", "customers": "customer"}[of], of)
}

// A document is what the requests need of the OpenAPI document.
type document struct {
	routes []route
	codes  []string // every error_code
}

// readDocument reads the document that the deployment serves.
func readDocument(ctx context.Context, api *caller.Caller) (document, error) {
	var text json.RawMessage
	if err := api.Get(ctx, caller.Request{Method: "GET", Path: "/openapi.json"}, 200, &text); err != nil {
		return document{}, err
	}
	return parseDocument(text)
}

func parseDocument(text []byte) (document, error) {
	var in struct {
		Paths map[string]map[string]struct {
			Responses   map[string]any
			RequestBody *struct {
				Required bool
				Content  map[string]struct {
					Examples map[string]struct{ Value map[string]any }
				}
			}
			Parameters []struct {
				Ref      string `json:"$ref"`
				Name, In string
			}
		}
		Components struct {
			Schemas struct {
				Problem struct {
					Properties struct {
						Code struct{ Enum []string } `json:"error_code"`
					}
				}
			}
		}
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return document{}, err
	}
	d := document{codes: in.Components.Schemas.Problem.Properties.Code.Enum}
	for path, methods := range in.Paths {
		for method, operation := range methods {
			r := route{method: strings.ToUpper(method), path: path}
			for status := range operation.Responses {
				n, err := strconv.Atoi(status)
				if err != nil {
					return document{}, err
				}
				r.statuses = append(r.statuses, n)
			}
			if b := operation.RequestBody; b != nil {
				r.required = b.Required
				_, r.lines = b.Content["application/jsonl"]
				for _, media := range slices.Sorted(maps.Keys(b.Content)) {
					content := b.Content[media]
					r.body = cmp.Or(r.body, media)
					for _, name := range slices.Sorted(maps.Keys(content.Examples)) {
						r.examples = append(r.examples, content.Examples[name].Value)
					}
				}
			}
			for _, p := range operation.Parameters {
				switch name := cmp.Or(p.Name, p.Ref[strings.LastIndex(p.Ref, "/")+1:]); {
				case p.In == "query", name == "cursor", name == "limit":
					r.query = append(r.query, name)
				}
			}
			d.routes = append(d.routes, r)
		}
	}
	slices.SortFunc(d.routes, func(a, b route) int { return strings.Compare(a.String(), b.String()) })
	return d, nil
}
