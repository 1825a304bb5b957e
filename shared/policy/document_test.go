package policy

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestAPolicyIsOfTheAPIAndStageThatAskedAndNoOther(t *testing.T) {
	routes := Routes(scope.Default(), scope.Set{"admin"})
	document, err := Compile(routes, "arn:aws:execute-api:us-east-1:123456789012:abc123/$default/GET/")
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the list of resources", strings.Join(document.Statement[0].Resource, " "), "arn:aws:execute-api:*:*:abc123/$default/*")
}

// comesWith are the scopes of docs/dialects.md but admin. A catalogue may have more.
func comesWith() scope.Set {
	names := strings.Fields("read:billing read:campaigns read:domains read:events read:networks read:offers read:sources read:stats " +
		"write:campaigns write:domains write:events write:networks write:offers write:sources")
	return scope.Default().AllButAdmin().Intersect(names)
}

// The scopes that Latchkey comes with; a deployer's own make the policy longer. Admin is one line.
func TestThePolicyOfEveryScopeThatLatchkeyComesWithStaysUnder7KB(t *testing.T) {
	scopes := comesWith()
	for name, kinds := range map[string][]scope.PrincipalKind{
		"of other people's APIs": nil,
		"of Latchkey's own":      {scope.AnyPrincipal, scope.User, scope.SecretKey},
	} {
		routes := Routes(scope.Default(), scopes, kinds...)
		document, err := Compile(routes, "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/")
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		if t.Logf("%s: %d bytes", name, len(text)); len(text) > 7<<10 {
			t.Errorf("%s: %d bytes", name, len(text))
		}
	}
}
