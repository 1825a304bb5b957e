//go:build e2e

package e2e

import "testing"

// A field has one spelling, and stands once: whoever checks a body before us must not read another
// value in it than we do.
func TestFieldInAnotherSpellingOrTwiceIsRefusedAndNothingIsMade(t *testing.T) {
	p := admin(t)
	run := post(t, p.token, "/v1/runs", object{}).is(t, 201).text(t, "id")
	k := newKey(t, p.token, nil)
	before := snapshot(t, p)
	for _, row := range []struct{ method, path, body, field string }{
		{"POST", "/v1/auth/login", `{"email":"a@example.com","Email":"b@example.com","password":"x"}`, "Email"},
		{"POST", "/v1/auth/login", `{"email":"a@example.com","password":"x","password":"y"}`, "password"},
		{"POST", "/api/auth/login", `{"email":"a@example.com","paſſword":"x"}`, "paſſword"},
		{"POST", "/v1/auth/register", `{"email":"a@example.com","password":"x","ROLE":"admin"}`, "ROLE"},
		{"POST", "/v1/api-keys", `{"name":"x","ſcopes":["read:stats"]}`, "ſcopes"},
		{"POST", "/v1/api-keys", `{"name":"x","scopes":["read:stats"],"scopes":["admin"]}`, "scopes"},
		{"POST", "/v1/api-keys", `{"name":"x","Allowed_IPs":["192.0.2.7"]}`, "Allowed_IPs"},
		{"POST", "/v1/api-keys", `{"name":"x","metadata":{"team":"a","team":"b"}}`, "metadata.team"},
		{"POST", "/v1/api-keys", `{"name":"x","rate_limit":{"read":1,"read":2}}`, "rate_limit.read"},
		{"POST", "/v1/api-keys", `{"name":"x","label":"y"}`, "name"},
		{"POST", "/v1/api-keys", `{"name":"x","scopes":["read:stats"],"permissions":["read:offers"]}`, "scopes"},
		{"POST", "/v1/projects", `{"name":"x","label":"y"}`, "label"},
		{"POST", "/v1/projects", `{"name":"x","NAME":"x"}`, "NAME"},
		{"POST", "/v1/runs", `{"Name":"x"}`, "Name"},
		{"POST", "/v1/runs/" + run + "/events", `{"events":[{"kind":"status","kind":"end"}]}`, "events.kind"},
		{"POST", "/v1/keys/verify", `{"key":"x","Dry_Run":true}`, "Dry_Run"},
		{"POST", "/v1/keys/verify", `{"keys":[{"key":"x","key":"y"}]}`, "keys.key"},
		{"PATCH", "/v1/api-keys/" + k.ID, `{"Disabled":true}`, "Disabled"},
		{"PATCH", "/v1/api-keys/" + k.ID, `{"disabled":false,"disabled":true}`, "disabled"},
		{"PATCH", "/v1/api-keys/" + k.ID, `{"metadata":{"team":"a","team":null}}`, "metadata.team"},
		{"POST", "/api/v1/auth/api-keys/" + k.ID + "/regenerate", `{"Grace_Seconds":1}`, "Grace_Seconds"},
		{"PUT", "/api/v1/auth/api-keys/" + k.ID + "/revoke", `{"Cascade":true}`, "Cascade"},
		{"DELETE", "/v1/api-keys/" + k.ID, `{"cascade":false,"cascade":true}`, "cascade"},
	} {
		got := send(t, request{method: row.method, path: row.path, as: p.token, body: row.body}).refused(t, 422, "VALIDATION_ERROR")
		if len(got.Fields) != 1 || got.Fields[0].Field != row.field {
			t.Errorf("%s %s %s: the fields are %v, want %s", row.method, row.path, row.body, got.Fields, row.field)
		}
	}
	if after := snapshot(t, p); after != before {
		t.Errorf("a refused request changed something:\n%s\n%s", before, after)
	}
}
