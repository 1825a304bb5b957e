//go:build e2e

package aws

import "testing"

func TestRow20MethodIsTheOverridesForAuthorizerAndFunction(t *testing.T) {
	r := request{method: "POST", path: "/guarded"}.with("X-HTTP-Method-Override", "GET")
	e := send(t, r).is(t, 200).event(t)
	for who, e := range map[string]event{"function": e, "authorizer": e.authorizers(t)} {
		if e.HTTPMethod != "GET" {
			t.Errorf("the %s sees the method %s", who, e.HTTPMethod)
		}
		if _, found := e.Headers["X-Http-Method-Override"]; found {
			t.Errorf("the %s sees the header", who)
		}
	}
}
