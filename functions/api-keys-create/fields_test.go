package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestEachBadFieldIsNamedAndNothingIsMade(t *testing.T) {
	w := newWorld(t)
	many := strings.Repeat(`"192.0.2.7",`, 50) + `"192.0.2.7"`
	for body, field := range map[string]string{
		`{}`:                       "name",
		`{"name":""}`:              "name",
		`{"label":" x"}`:           "label",
		`{"label":"a\u0000b"}`:     "label",
		`{"label":"a","name":"b"}`: "name",
		`{"name":"` + strings.Repeat("x", 101) + `"}`: "name",
		`{"name":7}`:                                                       "name",
		`{"name":"x","type":"root"}`:                                       "type",
		`{"name":"x","scopes":[]}`:                                         "scopes",
		`{"name":"x","scopes":"read"}`:                                     "scopes",
		`{"name":"x","permissions":["read:nothing"]}`:                      "permissions",
		`{"name":"x","scopes":["read"],"permissions":["read"]}`:            "scopes",
		`{"name":"x","expires_at":"2001-01-01T00:00:00Z"}`:                 "expires_at",
		`{"name":"x","expires_at":"tomorrow"}`:                             "expires_at",
		`{"name":"x","expires_at":4102444800}`:                             "expires_at",
		`{"name":"x","rate_limit":0}`:                                      "rate_limit",
		`{"name":"x","rate_limit":-1}`:                                     "rate_limit",
		`{"name":"x","rate_limit":1.5}`:                                    "rate_limit",
		`{"name":"x","rate_limit":"9"}`:                                    "rate_limit",
		`{"name":"x","rate_limit":1000001}`:                                "rate_limit",
		`{"name":"x","rate_limit":{"other":1}}`:                            "rate_limit",
		`{"name":"x","rate_limit":{"read":0}}`:                             "rate_limit",
		`{"name":"x","metadata":{"":"x"}}`:                                 "metadata",
		`{"name":"x","metadata":{"a":"` + strings.Repeat("x", 513) + `"}}`: "metadata",
		`{"name":"x","allowed_ips":["nowhere"]}`:                           "allowed_ips",
		`{"name":"x","allowed_ips":["10.0.0.0/33"]}`:                       "allowed_ips",
		`{"name":"x","allowed_ips":["fe80::1%eth0"]}`:                      "allowed_ips",
		`{"name":"x","allowed_ips":[` + many + `]}`:                        "allowed_ips",
		`{"name":"x","owner":"usr_B"}`:                                     "owner",
	} {
		a := w.post(w.member(), body)
		fields, _ := a.JSON(t)["fields"].([]any)
		if a.Status != 422 {
			t.Fatalf("%.80s: status %d, want 422: %s", body, a.Status, a.Body)
		}
		if len(fields) != 1 {
			t.Fatalf("%.80s: len(fields): %v, want 1", body, len(fields))
		}
		if fields[0].(map[string]any)["field"] != field {
			t.Errorf("%.80s: field: %v, want %v", body, fields[0].(map[string]any)["field"], field)
		}
	}
	if n := w.count(); n != 0 {
		t.Errorf("%d keys", n)
	}
}

func TestOnlyAnAdministratorRaisesALimit(t *testing.T) {
	w := newWorld(t)
	for body, member := range map[string]int{
		`{"name":"k","rate_limit":{"read":1200}}`:  201,
		`{"name":"k","rate_limit":{"read":1201}}`:  403,
		`{"name":"k","rate_limit":61}`:             403,
		`{"name":"k","rate_limit":{"write":9999}}`: 201, // not limited at all
	} {
		if a := w.post(w.member(), body); a.Status != member {
			t.Errorf("a member, %s: %d %s", body, a.Status, a.Body)
		}
		if a := w.post(w.admin(), body); a.Status != 201 {
			t.Errorf("an administrator, %s: %d %s", body, a.Status, a.Body)
		}
	}
}

func TestMetadataIsBoundedInAll(t *testing.T) {
	w := newWorld(t)
	of := func(n int) string {
		var parts []string
		for i := range n {
			parts = append(parts, fmt.Sprintf(`"name-%03d":"%s"`, i, strings.Repeat("v", 504)))
		}
		return `{"name":"k","metadata":{` + strings.Join(parts, ",") + `}}`
	}
	if a := w.post(w.member(), of(8)); a.Status != 201 {
		t.Errorf("4,096 bytes: %d %s", a.Status, a.Body)
	}
	if a := w.post(w.member(), of(9)); a.Status != 422 {
		t.Errorf("4,608 bytes: %d", a.Status)
	}
}
