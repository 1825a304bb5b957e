// Package policy compiles a principal's scopes into the IAM policy that API Gateway
// evaluates, least privilege. It is for the whole API, because with an authorizer cache a policy
// is used again for other methods than the one it was asked for; where that would be too long, it
// is about the request at hand (Document).
package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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
	base := m.base()
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
// or .., or one of misreadings. Allows knows the same.
var ambiguous = func() []string {
	forms := []string{"*//*", "*/*/*/?*/", "*/./*", "*/.", "*/../*", "*/.."}
	for _, text := range misreadings {
		for _, spelled := range inBothCases(text) {
			forms = append(forms, "*"+spelled+"*")
		}
	}
	for i, form := range forms {
		forms[i] = anyAPI + form
	}
	return forms
}()

// misreadings are texts that readers of a path understand in different ways, so that a path with
// one may mean another path. ? is any one character, as in a policy; small letters are both cases.
//   - ";" ends a segment for servers of Java's servlets, and a backslash is a slash to Windows.
//   - Once it is decoded, an encoded control character, # or ? ends the path for some, / . ; and \
//     have the meaning that they have without encoding, and % begins another encoded character.
//   - UTF-8 that is longer than it must be (%c0, %c1, %e0 and %f0 with too small a second byte, %f8,
//     %fc) is a shorter character for careless decoders: %c0%ae is a dot.
//   - What is no percent-encoding (%% and %2% and %u002e) becomes one when the rest is decoded.
var misreadings = []string{
	";", `\`,
	"%0", "%1", "%7f", "%23", "%25", "%2e", "%2f", "%3b", "%3f", "%5c",
	"%c0", "%c1", "%e0%8", "%e0%9", "%f0%8", "%f8", "%fc",
	"%%", "%?%", "%u",
}

// inBothCases returns the text with each of its letters in both cases.
func inBothCases(text string) []string {
	spellings := []string{""}
	for i := range len(text) {
		lower, upper := text[i:i+1], strings.ToUpper(text[i:i+1])
		all := make([]string, 0, 2*len(spellings))
		for _, before := range spellings {
			all = append(all, before+lower)
			if upper != lower {
				all = append(all, before+upper)
			}
		}
		spellings = all
	}
	return spellings
}

const anyAPI = "arn:*:execute-api:*:*:"

// AllowAll lets the request through to a function that words the refusal itself.
func AllowAll(methodArn string) (Policy, error) {
	return New([]scope.Route{{Method: "*", Path: "/*"}}, methodArn)
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

func (m parsed) base() string {
	return "arn:" + m.partition + ":execute-api:*:*:" + m.api + "/" + m.stage
}

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
	return !isAmbiguous(path) && slices.ContainsFunc(routes, func(r scope.Route) bool { return matches(r, method, path) })
}

func matches(r scope.Route, method, path string) bool {
	if r.Method != "*" && r.Method != method {
		return false
	}
	before, after, wild := strings.Cut(r.Path, "*")
	if !wild {
		return r.Path == path
	}
	return len(path) >= len(before)+len(after) && strings.HasPrefix(path, before) && strings.HasSuffix(path, after)
}

// Legible reports whether a path has only what may stand in one. An HTTP API decodes the path in
// its event, so that there may be ?, #, control characters, and the sign for what was no UTF-8. A
// policy cannot name them, so such a request is refused before there is one.
func Legible(path string) bool {
	return !strings.ContainsFunc(path, func(c rune) bool {
		return unicode.IsControl(c) || c == utf8.RuneError || c == '?' || c == '#'
	})
}

func isAmbiguous(path string) bool {
	return strings.ContainsAny(path, `;\%`) && slices.ContainsFunc(misreadings, func(text string) bool { return has(path, text) }) ||
		strings.Contains(path, "//") || len(path) > 1 && strings.HasSuffix(path, "/") ||
		strings.Contains(path+"/", "/./") || strings.Contains(path+"/", "/../")
}

// has reports whether one of misreadings is somewhere in path.
func has(path, text string) bool {
	for ; len(path) >= len(text); path = path[1:] {
		same := 0
		for same < len(text) && (text[same] == '?' || text[same] == path[same] || text[same] == path[same]|0x20) {
			same++
		}
		if same == len(text) {
			return true
		}
	}
	return false
}
