package main

import (
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/bulk"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestABadLineIsRefusedByItselfAndSaysWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	hash := strings.Repeat("ab", 32)
	rows := []struct{ line, field string }{
		{`{"name":"k","scopes":["read:stats"]}`, "hash"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash[2:] + `"}`, "hash"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `00"}`, "hash"},
		{`{"name":"k","scopes":["read:stats"],"hash":"$2b$12$abc"}`, "hash"},
		{`{"name":"k","hash":"` + hash + `"}`, "scopes"},
		{`{"name":"k","scopes":["read:nothing"],"hash":"` + hash + `"}`, "scopes"},
		{`{"name":"k","scopes":["read:stats"],"type":"client","hash":"` + hash + `"}`, "scopes"},
		{`{"scopes":["read:stats"],"hash":"` + hash + `"}`, "name"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","salt":"x"}`, "salt"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","identifier":"i","salt":""}`, "salt"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","identifier":"i","salt_after":true}`, "salt"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","identifier":"i","salt":"x","salt_base64":"eA=="}`, "salt"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","identifier":"i","salt_base64":"?"}`, "salt"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","identifier":"a.b"}`, "identifier"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","prefix":"a.b"}`, "prefix"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","prefix":"é"}`, "prefix"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","prefix":"x","identifier":"i"}`, "prefix"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","project_id":"prj_5HBLHMNTZ4ZKQ2M7ZB3J6GQX2A"}`, "project_id"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","expires_at":"2001-01-01T00:00:00Z"}`, "expires_at"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","owner":"usr_B"}`, "owner"},
		{`{"name":"k","scopes":["read:stats"],"hash":"` + hash + `","Hash":"` + hash + `"}`, "Hash"},
	}
	lines := []string{hashed(foreign, "")}
	for _, r := range rows {
		lines = append(lines, r.line)
	}
	s := w.imports(append(lines, "nonsense", "[]", hashed(foreign, ""))...)
	expect.Same(t, "created or there", s.Created+s.Exists, 2)
	expect.Same(t, "refused", s.Refused, len(rows)+2)
	for i, r := range rows {
		got := s.Results[i+1]
		if got.Line != i+2 || got.Status != bulk.Refused || len(got.Fields) != 1 || got.Fields[0].Field != r.field {
			t.Errorf("%s: %+v", r.line, got)
		}
	}
}

func TestTwoKeysWithOneIdentifierAreNotTakenForOne(t *testing.T) {
	w := newWorld(t)
	const first, second = "ident.8f3kQ0vT2mXc04aBcdef", "ident.another0vT2mXc04aBcdef"
	s := w.imports(hashed(first, `,"identifier":"ident"`))
	s2 := w.imports(hashed(second, `,"identifier":"ident"`))
	expect.Same(t, "the first", s.Results[0].Status, bulk.Created)
	expect.Same(t, "the second", s2.Results[0].Status, bulk.Refused)
	if _, err := w.try(second); err == nil {
		t.Error("the second is good")
	}
}

func TestOnlyAnAdministratorWhoIsLoggedInImports(t *testing.T) {
	w := newWorld(t)
	all := scope.Default().All().String()
	project := user.DefaultProject(w.owner.ID)
	for name, caller := range map[string]map[string]any{
		"a member":                  gatewaytest.User(w.owner.ID, w.owner.Email, "member", scope.Default().OfRole("member").String()),
		"a key with admin":          gatewaytest.Key("4Hk0pQzXw2LmN8sT", "scoped", w.owner.ID, project, all),
		"a secret key with a scope": gatewaytest.Key("4Hk0pQzXw2LmN8sT", "secret", w.owner.ID, project, "read:stats"),
	} {
		if a := w.post(caller, hashed(foreign, "")); a.Status != 403 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if _, err := w.try(foreign); err == nil {
		t.Error("a refused import made a key")
	}
}

func TestBodyMustBeOneToAHundredLines(t *testing.T) {
	w := newWorld(t)
	one := `{"name":"k"}`
	for body, status := range map[string]int{
		"": 422, "\n \n": 422, one: 200, "\n" + one + "\r\n\n": 200,
		strings.Repeat(one+"\n", bulk.Most): 200, strings.Repeat(one+"\n", bulk.Most+1): 422,
		strings.Repeat(" ", 64<<10) + one: 413,
	} {
		if a := w.post(w.admin(), body); a.Status != status {
			t.Errorf("%.40q: %d %.200s", body, a.Status, a.Body)
		}
	}
	a := gatewaytest.Do(t, w.f, gatewaytest.Call{
		Method: "POST", Resource: "/v1/keys/import", Authorizer: w.admin(), Body: one, Header: map[string]string{"Content-Type": "text/csv"},
	})
	expect.Same(t, "another media type", a.Status, 415)
}
