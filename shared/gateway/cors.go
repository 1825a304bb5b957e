package gateway

import (
	"os"
	"slices"
	"strings"
	"sync"
)

// allowedOrigins has the origins whose pages may call the API from a browser (ALLOWED_ORIGINS,
// separated by commas; none if empty; * for all, without credentials).
var allowedOrigins = sync.OnceValue(func() []string {
	return strings.FieldsFunc(os.Getenv("ALLOWED_ORIGINS"), func(r rune) bool { return r == ',' || r == ' ' })
})

// corsHeaders returns the headers that let a page of that origin read the answer (Fetch standard,
// "HTTP-CORS protocol"). It returns none without an origin, or for one that is not allowed.
func corsHeaders(origin string) map[string]string {
	allowed := allowedOrigins()
	switch {
	case len(allowed) == 0:
		return nil
	case origin != "" && slices.Contains(allowed, origin):
		return map[string]string{
			"Access-Control-Allow-Origin":      origin,
			"Access-Control-Allow-Credentials": "true",
			"Access-Control-Expose-Headers":    exposed,
			"Vary":                             "Origin",
		}
	case slices.Contains(allowed, "*"):
		return map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": exposed, "Vary": "Origin"}
	}
	return map[string]string{"Vary": "Origin"}
}

// exposed has the challenge under both its names: API Gateway renames what a function sets.
const exposed = "Link, Retry-After, WWW-Authenticate, X-Amzn-Remapped-WWW-Authenticate, RateLimit, RateLimit-Policy, " +
	"X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
