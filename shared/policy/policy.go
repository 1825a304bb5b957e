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

// In is the routes with a caller's own project for {project_id}.
func In(project string, routes []scope.Route) []scope.Route {
	bound := make([]scope.Route, len(routes))
	for i, r := range routes {
		bound[i] = r.In(project)
	}
	return bound
}

// Compile writes the policy that allows these routes, and nothing else, on the API and
// stage of methodArn (arn:aws:execute-api:region:account:api/stage/METHOD/path).
// Region and account are left open: the API's id is unique, and the policy is sent
// only to the API that asked.
func Compile(routes []scope.Route, methodArn string) (events.APIGatewayCustomAuthorizerPolicy, error) {
	m, err := parse(methodArn)
	if err != nil {
		return events.APIGatewayCustomAuthorizerPolicy{}, err
	}
	base := "arn:" + m.partition + ":execute-api:*:*:" + m.api + "/" + m.stage
	if slices.ContainsFunc(routes, opensAll) {
		return document(statement("Allow", base+"/*")), nil
	}
	var resources []string
	for _, r := range routes {
		resources = append(resources, base+"/"+r.Method+r.Path)
	}
	if len(resources) == 0 {
		return DenyAll(), nil
	}
	slices.Sort(resources)
	return document(statement("Allow", slices.Compact(resources)...), statement("Deny", ambiguous...)), nil
}

// ambiguous are paths that match x/* to the letter, but that whatever routes behind API
// Gateway may take for another path: with empty segments, a slash at the end, segments .
// or .., or a character of misreadings. Allows knows the same.
var ambiguous = func() []string {
	forms := []string{"*//*", "*/*/*/?*/", "*/./*", "*/.", "*/../*", "*/.."}
	for _, text := range misreadings {
		forms = append(forms, "*"+text+"*")
		if upper := strings.ToUpper(text); upper != text {
			forms = append(forms, "*"+upper+"*")
		}
	}
	for i, form := range forms {
		forms[i] = anyAPI + form
	}
	return forms
}()

// misreadings are read in different ways, so that a path with one may mean another: ; ends a
// segment for servers of Java's servlets, \ is a slash to Windows, and what is encoded, encoded
// twice (%25), cut off by a NUL or too long in UTF-8 (%c0 and %c1 with anything, %e0%80) may be
// a dot, a slash or one of those two once somebody has decoded it.
var misreadings = []string{";", `\`, "%2e", "%2f", "%3b", "%5c", "%25", "%00", "%c0", "%c1", "%e0%80"}

const anyAPI = "arn:*:execute-api:*:*:"

// AllowAll lets the request through to a function that words the refusal itself.
func AllowAll(methodArn string) (events.APIGatewayCustomAuthorizerPolicy, error) {
	return Compile([]scope.Route{{Method: "*", Path: "/*"}}, methodArn)
}

// DenyAll refuses every method of the API.
func DenyAll() events.APIGatewayCustomAuthorizerPolicy {
	return document(statement("Deny", anyAPI+"*"))
}

func document(statements ...events.IAMPolicyStatement) events.APIGatewayCustomAuthorizerPolicy {
	return events.APIGatewayCustomAuthorizerPolicy{Version: "2012-10-17", Statement: statements}
}

func statement(effect string, resources ...string) events.IAMPolicyStatement {
	return events.IAMPolicyStatement{Action: []string{"execute-api:Invoke"}, Effect: effect, Resource: resources}
}

// Method is the API with its stage (<id>/<stage>), the method and the path in an ARN: what
// API Gateway will compare with the policy, which under a custom domain is not the path
// that was called.
func Method(methodArn string) (api, method, path string, err error) {
	m, err := parse(methodArn)
	return m.api + "/" + m.stage, m.method, m.path, err
}

type parsed struct{ partition, api, stage, method, path string }

func parse(methodArn string) (parsed, error) {
	parts := strings.SplitN(methodArn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "execute-api" {
		return parsed{}, fmt.Errorf("policy: %q is not the ARN of an API's method", methodArn)
	}
	path := strings.SplitN(parts[5], "/", 4)
	if len(path) < 4 || path[0] == "" || path[1] == "" || path[2] == "" {
		return parsed{}, fmt.Errorf("policy: %q names no API, stage, method and path", methodArn)
	}
	return parsed{parts[1], path[0], path[1], path[2], "/" + path[3]}, nil
}

// Allows reports whether one of the routes matches, as API Gateway will decide.
func Allows(routes []scope.Route, method, path string) bool {
	if slices.ContainsFunc(routes, opensAll) {
		return true
	}
	return !isAmbiguous(path) && slices.ContainsFunc(routes, func(r scope.Route) bool {
		if r.Method != "*" && r.Method != method {
			return false
		}
		before, after, wild := strings.Cut(r.Path, "*")
		if !wild {
			return r.Path == path
		}
		return len(path) >= len(before)+len(after) && strings.HasPrefix(path, before) && strings.HasSuffix(path, after)
	})
}

func isAmbiguous(path string) bool {
	lower := strings.ToLower(path)
	return slices.ContainsFunc(misreadings, func(text string) bool { return strings.Contains(lower, text) }) ||
		strings.Contains(path, "//") || len(path) > 1 && strings.HasSuffix(path, "/") ||
		strings.Contains(path+"/", "/./") || strings.Contains(path+"/", "/../")
}
