//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"
)

// An openAPI is what the tests read of the OpenAPI document.
type openAPI struct {
	Components struct {
		Schemas struct {
			Scope struct{ Enum []string }
		}
	}
}

// scopesOf lists the deployment's scopes of the given actions, sorted: what the scopes dialect
// publishes, and whatever the deployer added to the catalogue.
func scopesOf(t testing.TB, actions ...string) []string {
	t.Helper()
	document := decode[openAPI](t, send(t, request{method: "GET", path: "/openapi.json"}).is(t, 200))
	var names []string
	for _, name := range document.Components.Schemas.Scope.Enum {
		if action, _, _ := strings.Cut(name, ":"); slices.Contains(actions, action) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// adminScopes are those that the word admin stands for: all but the one that is given by name alone.
func adminScopes(t testing.TB) []string {
	t.Helper()
	return slices.DeleteFunc(scopesOf(t, "admin", "read", "write", "verify"), func(s string) bool { return s == "verify:all_keys" })
}

func createKey(t testing.TB, as string, fields object) answer {
	t.Helper()
	body := object{"name": t.Name()}
	for name, value := range fields {
		body[name] = value
	}
	return send(t, request{method: "POST", path: "/v1/api-keys", as: as, body: body})
}

func TestTypeIsTheMostThatAKeyCanHold(t *testing.T) {
	p := other(t)
	reads, all := scopesOf(t, "read"), scopesOf(t, "read", "write")
	for kind, want := range map[string][]string{
		"scoped": all, "secret": all, "server": all, "client": {"write:events"}, "read_only": reads,
	} {
		if k := newKey(t, p.token, object{"type": kind}); !slices.Equal(k.Scopes, want) {
			t.Errorf("%s: got %v, want %v", kind, k.Scopes, want)
		}
	}
}

func TestScopesNarrowATypedKeyAndCannotWidenIt(t *testing.T) {
	p := admin(t)
	for _, row := range []struct {
		kind   string
		scopes []string
		fits   bool
	}{
		{"secret", []string{"read:stats"}, true},
		{"read_only", []string{"read:stats"}, true},
		{"client", []string{"write:events"}, true},
		{"secret", []string{"admin"}, false},
		{"read_only", []string{"read:stats", "write:offers"}, false},
		{"client", []string{"read:events"}, false},
	} {
		fields := object{"type": row.kind, "scopes": row.scopes}
		if row.fits {
			if k := newKey(t, p.token, fields); !slices.Equal(k.Scopes, row.scopes) {
				t.Errorf("%s with %v: got %v", row.kind, row.scopes, k.Scopes)
			}
			continue
		}
		createKey(t, p.token, fields).refused(t, 422, "VALIDATION_ERROR")
	}
}

func TestScopesAreTakenInBothSpellingsAndInLegacyWords(t *testing.T) {
	p := admin(t)
	for _, row := range []struct{ given, want []string }{
		{[]string{"stats:read", "read:stats"}, []string{"read:stats"}},
		{[]string{"offers:write", "read:offers"}, []string{"read:offers", "write:offers"}},
		{[]string{"read"}, scopesOf(t, "read")},
		{[]string{"write"}, scopesOf(t, "read", "write")},
		{[]string{"admin"}, adminScopes(t)},
	} {
		if k := newKey(t, p.token, object{"scopes": row.given}); !slices.Equal(k.Scopes, row.want) {
			t.Errorf("%v: got %v, want %v", row.given, k.Scopes, row.want)
		}
	}
}

func TestUnknownScopeIsRefusedWithTheNamesOfTheValidOnes(t *testing.T) {
	for _, word := range []string{"read:nothing", "*", "read:*", "READ:stats", "read:stats ", "delete:stats", "", ":", "read:stats:read"} {
		p := createKey(t, admin(t).token, object{"permissions": []string{word}}).refused(t, 422, "VALIDATION_ERROR")
		if p.Fields[0].Field != "permissions" {
			t.Errorf("%q: the field: %v, want permissions", word, p.Fields[0].Field)
		}
		if !strings.Contains(p.Fields[0].Message, "write:sources") {
			t.Errorf("%q: the message does not name write:sources: %s", word, p.Fields[0].Message)
		}
	}
}

func TestNobodyGrantsAScopeThatTheyDoNotHold(t *testing.T) {
	p := other(t)
	narrow := newKey(t, p.token, object{"type": "secret", "scopes": []string{"read:stats", "write:offers"}})
	createKey(t, p.token, object{"scopes": []string{"admin"}}).refused(t, 403, "INSUFFICIENT_SCOPE")
	createKey(t, narrow.Key, object{"scopes": []string{"admin"}}).refused(t, 403, "INSUFFICIENT_SCOPE")
	createKey(t, narrow.Key, object{"scopes": []string{"read:stats", "read:offers"}}).refused(t, 403, "INSUFFICIENT_SCOPE")
	createKey(t, narrow.Key, object{"type": "client"}).refused(t, 403, "INSUFFICIENT_SCOPE")
	for _, kind := range []string{"scoped", "secret"} {
		switch k := newKey(t, narrow.Key, object{"type": kind}); {
		case !slices.Equal(k.Scopes, narrow.Scopes):
			t.Errorf("%s: k.Scopes: %v, want %v", kind, k.Scopes, narrow.Scopes)
		case k.ProjectID != narrow.ProjectID:
			t.Errorf("%s: k.ProjectID: %v, want %v", kind, k.ProjectID, narrow.ProjectID)
		}
	}
	if k := newKey(t, narrow.Key, object{"type": "read_only"}); !slices.Equal(k.Scopes, []string{"read:stats"}) {
		t.Errorf("read_only: got %v", k.Scopes)
	}
}

func TestOnlySecretKeysCreateKeys(t *testing.T) {
	p := admin(t)
	newKey(t, newKey(t, p.token, object{"type": "secret"}).Key, nil)
	for _, kind := range []string{"scoped", "client", "read_only"} {
		createKey(t, newKey(t, p.token, object{"type": kind}).Key, nil).refused(t, 403, "INSUFFICIENT_SCOPE")
	}
}

// Keys are managed with a user's token, or with a key that holds admin.
func TestKeysWithoutAdminManageNothing(t *testing.T) {
	p := admin(t)
	other := newKey(t, p.token, nil)
	for _, kind := range []string{"scoped", "secret", "client", "read_only"} {
		k := newKey(t, p.token, object{"type": kind})
		for _, r := range protectedRoutes(t) {
			if !strings.Contains(r.resource, "api-keys") {
				continue
			}
			if kind == "secret" && r.String() == "POST /v1/api-keys" {
				continue
			}
			send(t, request{method: r.method, path: r.path(other.ID), as: k.Key, body: bodyFor(r)}).refused(t, 403, "INSUFFICIENT_SCOPE")
		}
	}
	send(t, request{method: "GET", path: me, as: other.Key}).is(t, 200)
}
