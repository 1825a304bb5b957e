// Package resource owns the APIs that a client can ask a token for (RFC 8707), as the parameter
// Resources lists them.
//
//	https://orders.example.com,abc123/prod=https://campaigns.example.com
//
// Each is an absolute URI, which becomes the token's audience. The API id and stage before it name
// the API that it is, for the authorizers that Latchkey exports. An API without them verifies its
// tokens by itself.
package resource

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/token"
)

// A List has the resources of a deployment. The zero List has none.
type List struct {
	all   []string
	byAPI map[string][]string // by API id and stage
}

// characters are those of a URI (RFC 3986 §2), without the # of a fragment and the comma between two.
const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?[]@!$&'()*+;=%"

// Parse reads the parameter Resources.
func Parse(text string) (List, error) {
	l := List{byAPI: map[string][]string{}}
	for entry := range strings.SplitSeq(text, ",") {
		uri := strings.TrimSpace(entry)
		if uri == "" {
			continue
		}
		api, rest, ok := strings.Cut(uri, "=")
		if ok = ok && !strings.Contains(api, ":"); ok { // else it is the = of a query
			uri = rest
		}
		u, err := url.Parse(uri)
		if err != nil || !u.IsAbs() || strings.Trim(uri, characters) != "" || uri == token.OwnAudience || ok && strings.Count(api, "/") != 1 {
			return List{}, fmt.Errorf("%q is not an absolute URI without a fragment, alone or after an API's id and stage", entry)
		}
		if ok {
			l.byAPI[api] = append(l.byAPI[api], uri)
		}
		l.all = append(l.all, uri)
	}
	return l, nil
}

// FromEnv reads RESOURCES, which may be empty.
func FromEnv(e *env.Reader) List {
	l, err := Parse(os.Getenv("RESOURCES"))
	if err != nil {
		e.Fail(fmt.Errorf("environment variable RESOURCES: %w", err))
	}
	return l
}

// All returns every resource.
func (l List) All() []string { return l.all }

// Has reports whether a URI is a resource.
func (l List) Has(uri string) bool { return slices.Contains(l.all, uri) }

// Of returns the resources that an API is, by its id and stage.
func (l List) Of(api string) []string { return l.byAPI[api] }
