// Package policy compiles a principal's scopes into the IAM policy that API Gateway
// evaluates, least privilege and for the whole API: with an authorizer cache, a policy
// is used again for other methods than the one it was asked for.
package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/scope"
)

// Routes lists what a principal may call: by its kinds, and by its scopes.
func Routes(c *scope.Catalogue, scopes scope.Set, kinds ...scope.PrincipalKind) []scope.Route {
	var routes []scope.Route
	for _, kind := range kinds {
		routes = append(routes, c.OpensTo(kind)...)
	}
	for _, name := range scopes {
		routes = append(routes, c.Opens(name)...)
	}
	if i := slices.IndexFunc(routes, opensAll); i >= 0 {
		return []scope.Route{routes[i]}
	}
	return routes
}

func opensAll(r scope.Route) bool { return r.Method == "*" && r.Path == "/*" }

// Compile writes the policy that allows these routes, and nothing else, on the API and
// stage of methodArn (arn:aws:execute-api:region:account:api/stage/METHOD/path).
// Region and account are left open: the API's id is unique, and the policy is sent
// only to the API that asked.
func Compile(routes []scope.Route, methodArn string) (events.APIGatewayCustomAuthorizerPolicy, error) {
	base, err := stageARN(methodArn)
	if err != nil {
		return events.APIGatewayCustomAuthorizerPolicy{}, err
	}
	var resources []string
	for _, r := range routes {
		if opensAll(r) {
			resources = []string{base + "/*"}
			break
		}
		resources = append(resources, base+"/"+r.Method+r.Path)
	}
	if len(resources) == 0 {
		return DenyAll(), nil
	}
	slices.Sort(resources)
	return document("Allow", slices.Compact(resources)), nil
}

// AllowAll lets the request through to a function that words the refusal itself.
func AllowAll(methodArn string) (events.APIGatewayCustomAuthorizerPolicy, error) {
	return Compile([]scope.Route{{Method: "*", Path: "/*"}}, methodArn)
}

// DenyAll refuses every method of the API.
func DenyAll() events.APIGatewayCustomAuthorizerPolicy {
	return document("Deny", []string{"arn:*:execute-api:*:*:*"})
}

func document(effect string, resources []string) events.APIGatewayCustomAuthorizerPolicy {
	return events.APIGatewayCustomAuthorizerPolicy{
		Version: "2012-10-17",
		Statement: []events.IAMPolicyStatement{
			{Action: []string{"execute-api:Invoke"}, Effect: effect, Resource: resources},
		},
	}
}

func stageARN(methodArn string) (string, error) {
	parts := strings.SplitN(methodArn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "execute-api" {
		return "", fmt.Errorf("policy: %q is not the ARN of an API's method", methodArn)
	}
	path := strings.SplitN(parts[5], "/", 3)
	if len(path) < 2 || path[0] == "" || path[1] == "" {
		return "", fmt.Errorf("policy: %q names no API and stage", methodArn)
	}
	return "arn:" + parts[1] + ":execute-api:*:*:" + path[0] + "/" + path[1], nil
}

// Allows says whether one of the routes matches, as API Gateway will decide.
func Allows(routes []scope.Route, method, path string) bool {
	return slices.ContainsFunc(routes, func(r scope.Route) bool {
		if r.Method != "*" && r.Method != method {
			return false
		}
		if below, ok := strings.CutSuffix(r.Path, "*"); ok {
			return strings.HasPrefix(path, below)
		}
		return r.Path == path
	})
}
