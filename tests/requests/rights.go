package main

import (
	"slices"
	"strings"
)

// rights tell who may call a route. They are written down here once more, from docs/dialects.md, so that
// a mistake in the catalogue or in the policies made from it does not repeat itself. Any of the words of a
// route is enough:
//
//	everybody   a request without a credential too
//	any         whoever has a good credential
//	user        a person's token
//	administrator  that of an administrator
//	secret_key  a key of type secret
//	full_key    a key that holds every scope but admin
//	ticket      a ticket of that run
//	scanner     the one that the deployment trusts, whose signature none of these requests has
//	read:events a credential with that scope; admin has every scope
//
// TestEveryRouteHasItsRights fails for a route that is not here.
var rights = map[string]string{
	"POST /v1/auth/login":    "everybody",
	"POST /api/auth/login":   "everybody",
	"POST /api/auth/refresh": "everybody",

	"POST /v1/auth/login/mfa":             "everybody",
	"POST /api/auth/mfa":                  "everybody",
	"POST /v1/auth/login/passkey":         "everybody",
	"POST /api/auth/passkey":              "everybody",
	"POST /v1/auth/login/passkey/options": "everybody",
	"POST /v1/auth/verify":                "everybody",

	"POST /v1/auth/password/forgot": "everybody",
	"POST /v1/auth/password/reset":  "everybody",

	"POST /oauth/token":      "everybody", // their callers are clients: see client.go
	"POST /oauth/introspect": "everybody",
	"POST /oauth/revoke":     "everybody",

	"GET /.well-known/oauth-authorization-server": "everybody",
	"GET /.well-known/openid-configuration":       "everybody",
	"GET /.well-known/jwks.json":                  "everybody",
	"GET /openapi.json":                           "everybody",
	"GET /health":                                 "everybody",
	"GET /dashboard":                              "everybody",

	"GET /v1/auth/me":               "any",
	"GET /api/v1/users/me":          "any",
	"GET /v1/projects":              "any",
	"POST /v1/projects":             "user full_key admin",
	"GET /v1/customers":             "user admin",
	"POST /v1/customers":            "user admin",
	"GET /v1/customers/{id}":        "user admin",
	"PATCH /v1/customers/{id}":      "user admin",
	"DELETE /v1/customers/{id}":     "user admin",
	"GET /v1/customers/{id}/log":    "user admin",
	"POST /v1/auth/register":        "admin",
	"POST /v1/auth/password":        "user",
	"POST /v1/auth/verify/resend":   "user",
	"POST /api/auth/logout":         "user",
	"GET /v1/auth/log":              "user",
	"GET /v1/auth/sessions":         "user",
	"DELETE /v1/auth/sessions":      "user",
	"DELETE /v1/auth/sessions/{id}": "user",

	"POST /v1/auth/factors/proof":        "user",
	"GET /v1/auth/factors":               "user",
	"POST /v1/auth/factors":              "user",
	"POST /v1/auth/factors/{id}/confirm": "user",
	"DELETE /v1/auth/factors/{id}":       "user",

	"POST /v1/leaks":        "scanner",
	"POST /v1/keys/import":  "administrator",
	"POST /v1/users/import": "administrator",

	"GET /v1/users":                "administrator",
	"GET /v1/users/{id}":           "administrator",
	"PATCH /v1/users/{id}":         "administrator",
	"DELETE /v1/users/{id}":        "administrator",
	"POST /v1/users/{id}/handover": "administrator",

	"POST /v1/users/{id}/link":      "administrator",
	"GET /v1/users/{id}/log":        "administrator",
	"DELETE /v1/users/{id}/factors": "administrator",

	"GET /v1/usage":                              "read:usage",
	"POST /v1/keys/verify":                       "verify:keys",
	"GET /v1/api-keys":                           "user admin",
	"POST /v1/api-keys":                          "user secret_key admin",
	"PATCH /v1/api-keys/{id}":                    "user admin",
	"DELETE /v1/api-keys/{id}":                   "user admin",
	"GET /api/v1/auth/api-keys":                  "user admin",
	"POST /api/v1/auth/api-keys":                 "user admin",
	"DELETE /api/v1/auth/api-keys/{id}":          "user admin",
	"PUT /api/v1/auth/api-keys/{id}/revoke":      "user admin",
	"POST /api/v1/auth/api-keys/{id}/regenerate": "user admin",
	"GET /api/v1/auth/api-keys/{id}/audit-log":   "user admin",

	"GET /v1/runs":                    "read:events",
	"POST /v1/runs":                   "write:events",
	"GET /v1/runs/{id}":               "read:events",
	"POST /v1/runs/{id}/ticket":       "read:events",
	"POST /v1/runs/{id}/events":       "write:events",
	"GET /v1/runs/{id}/events/stream": "read:events ticket",
}

// open reports whether a route is open to a holder; nil is somebody without a good credential. What a
// path names is another question.
func open(route string, h *holder) bool {
	return slices.ContainsFunc(strings.Fields(rights[route]), func(word string) bool {
		switch word {
		case "everybody":
			return true
		case "any":
			return h != nil && h.run == ""
		case "user":
			return h != nil && h.person
		case "administrator":
			return h != nil && h.person && h.has("admin")
		case "secret_key":
			return h != nil && h.keyType == "secret"
		case "full_key":
			return h != nil && h.keyType != "" && len(h.scopes) >= allButAdmin
		case "scanner":
			return false
		case "ticket":
			return h != nil && h.run != ""
		}
		return h != nil && h.has(word)
	})
}

// overseen are the routes on which everybody's things exist to an administrator who is logged in.
var overseen = []string{
	"DELETE /v1/auth/sessions/{id}",
	"PATCH /v1/api-keys/{id}",
	"DELETE /v1/api-keys/{id}",
	"DELETE /api/v1/auth/api-keys/{id}",
	"PUT /api/v1/auth/api-keys/{id}/revoke",
	"GET /api/v1/auth/api-keys/{id}/audit-log",
	"GET /v1/customers/{id}",
	"PATCH /v1/customers/{id}",
	"DELETE /v1/customers/{id}",
	"GET /v1/customers/{id}/log",
}

// oversees reports whether a holder is such an administrator, on such a route.
func (h *holder) oversees(route string) bool {
	return h != nil && h.person && h.has("admin") && slices.Contains(overseen, route)
}

// allButAdmin is how many scopes there are beside admin.
const allButAdmin = 14

// reaches reports whether a holder may see a thing: a user sees their own things, a key those of its
// project, a ticket its run.
func (h *holder) reaches(t thing) bool {
	switch {
	case h == nil || t.of != h.of:
		return false
	case h.run != "":
		return h.run == t.id
	}
	return h.person || t.project == h.project
}

func (h *holder) has(scope string) bool {
	return slices.Contains(h.scopes, scope) || slices.Contains(h.scopes, "admin")
}
