//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// wrongFields are values that a field cannot have, by the field that the answer names.
type wrongFields map[string][]any

func refuseFields(t *testing.T, p person, path string, good object, wrong wrongFields) {
	t.Helper()
	before := snapshot(t, p)
	for name, values := range wrong {
		for _, value := range values {
			body := object{}
			for n, v := range good {
				body[n] = v
			}
			body[name] = value
			got := send(t, request{method: "POST", path: path, as: p.token, body: body}).problem(t)
			if got.Status != 422 {
				t.Errorf("%s with %s %.60v: status %d, want 422", path, name, value, got.Status)
			}
			if got.Code != "VALIDATION_ERROR" {
				t.Errorf("%s with %s %.60v: error_code: %v, want VALIDATION_ERROR", path, name, value, got.Code)
			}
			if !strings.HasPrefix(got.Fields[0].Field, name) {
				t.Errorf("%s with %s %.60v: the fields are %v", path, name, value, got.Fields)
			}
		}
	}
	if after := snapshot(t, p); after != before {
		t.Errorf("a refused request changed something:\n%s\n%s", before, after)
	}
}

var wrongNames = []any{"", " ", "a ", " a", "a\x00b", "a\nb", "\x7f", strings.Repeat("a", 101), 7, true, []string{"a"}, object{}}

func TestFieldOfANewKeyMustBeOfItsKind(t *testing.T) {
	many := object{}
	for i := range 51 {
		many[fmt.Sprint(i)] = "x"
	}
	refuseFields(t, other(t), "/v1/api-keys", object{"name": "a name"}, wrongFields{
		"name":       wrongNames,
		"type":       {"root", "Secret", 7, []string{}},
		"project_id": {7, []string{}, object{}},
		"scopes":     {"read:stats", []string{}, []any{7}, []any{nil}, object{}},
		"expires_at": {
			7, "", "tomorrow", "2100-01-01", "2100-01-01T00:00:00", "2100-02-30T00:00:00Z", "1999-01-01T00:00:00Z",
			time.Now().UTC().Format(time.RFC3339), "9999-12-31T23:59:59-01:00", "99999-01-01T00:00:00Z", "0000-01-01T00:00:00Z",
		},
		"rate_limit":  {"x", 0, -1, 1.5, 1_000_001, 1e300, []int{1}, object{"read": 0}, object{"nothing": 1}, object{"read": "x"}},
		"metadata":    {"x", 7, []string{}, object{"a": 7}, object{"a": object{}}, object{"": "x"}, object{strings.Repeat("n", 65): "x"}, object{"a": strings.Repeat("v", 513)}, many},
		"allowed_ips": {"10.0.0.1", 7, []any{7}, []string{""}, []string{"nowhere"}, []string{"10.0.0.0/33"}, []string{"fe80::1%eth0"}, make([]string, 51)},
	})
}

func TestSynonymsMustNotContradictEachOther(t *testing.T) {
	for _, fields := range []object{
		{"name": "a", "label": "b"},
		{"scopes": []string{"read:stats"}, "permissions": []string{"read:stats"}},
	} {
		createKey(t, admin(t).token, fields).refused(t, 422, "VALIDATION_ERROR")
	}
}

func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	got := createKey(t, admin(t).token, object{"name": "", "type": "root", "expires_at": "x"}).refused(t, 422, "VALIDATION_ERROR")
	if len(got.Fields) != 3 {
		t.Errorf("fields %v", got.Fields)
	}
}

func TestFieldOfAProjectMustBeOfItsKind(t *testing.T) {
	refuseFields(t, other(t), "/v1/projects", object{"name": "a name"}, wrongFields{
		"name": wrongNames, "key_prefix": {7, []string{}, "sk_"}, "color": {7, "", "#12", "#ggg", "red;", "url(x)"},
	})
}

func TestFieldOfARegistrationMustBeOfItsKind(t *testing.T) {
	refuseFields(t, admin(t), "/v1/auth/register", object{"email": freshEmail(), "password": "long enough"}, wrongFields{
		"email":    {"", "nobody", "@", "a@", "A B <a@example.com>", "a@example.com, b@example.com", "a b@example.com", "a\x00@example.com", strings.Repeat("a", 250) + "@example.com", 7, []string{}},
		"password": {"", "short", strings.Repeat("p", 257), 7, []string{}},
	})
}

func TestGraceMustBeWithinTheDeploymentsBounds(t *testing.T) {
	p := other(t)
	k := newKey(t, p.token, nil)
	refuseFields(t, p, "/api/v1/auth/api-keys/"+k.ID+"/regenerate", object{}, wrongFields{
		"grace_seconds": {-1, longestGrace + 1, 1.5, 1e300, "60", true, []int{1}},
	})
	send(t, request{method: "GET", path: me, as: k.Key}).is(t, 200)
}

func TestFieldOfALoginMustBeOfItsKind(t *testing.T) {
	for _, body := range []object{
		{"email": "nobody", "password": "x"},
		{"email": "nobody@example.com"},
		{"email": "nobody@example.com", "password": strings.Repeat("p", 257)},
		{"email": 7, "password": "x"},
		{"email": "nobody@example.com", "password": []string{"x"}},
	} {
		send(t, request{method: "POST", path: "/v1/auth/login", body: body}).refused(t, 422, "VALIDATION_ERROR")
	}
}
