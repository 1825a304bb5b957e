// Package guard puts Latchkey's authorizer into a SAM template, in front of every route of its APIs.
//
// It adds lines to the section Globals, which holds for all APIs of a template, and leaves every other line as it is:
// comments, order and indents are the author's.
package guard

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Result is a template with the authorizer.
type Result struct {
	Text    string
	Guarded []string // "REST API", "HTTP API"
	Open    []int    // the lines of routes that have no authorizer by their own choice
	Already bool     // it had Latchkey's authorizer, and is as it was
}

// A kind is one of the two kinds of APIs.
type kind struct {
	title, section string
	used           *regexp.Regexp
	lines          []string // below the section, beside Auth; each only if the section lacks it
	auth           []string
}

var kinds = []kind{
	{"REST API", "Api", regexp.MustCompile(`(?m)\bType:\s*["']?(AWS::Serverless::Api|Api)["']?\s*([,}#]|$)`),
		// No OpenApiVersion: where SAM's stage called Stage is there already, it would go on serving what was deployed before, open.
		[]string{"AlwaysDeploy: true # a changed authorizer comes into force"},
		[]string{
			"Auth:",
			"  DefaultAuthorizer: Latchkey",
			"  AddDefaultAuthorizerToCorsPreflight: false # a preflight carries no credential",
			"  Authorizers:",
			"    Latchkey:",
			"      FunctionArn: !ImportValue %s-AuthorizerArn",
			"      FunctionPayloadType: REQUEST",
			"      DisableFunctionDefaultPermissions: true # Latchkey's stack permits it already",
			"      Identity: {ReauthorizeEvery: 0} # a revoked key is refused on the next request",
		}},
	{"HTTP API", "HttpApi", regexp.MustCompile(`(?m)\bType:\s*["']?(AWS::Serverless::HttpApi|HttpApi)["']?\s*([,}#]|$)`), nil,
		[]string{
			"Auth:",
			"  DefaultAuthorizer: Latchkey",
			"  Authorizers:",
			"    Latchkey:",
			"      FunctionArn: !ImportValue %s-AuthorizerArn",
			`      AuthorizerPayloadFormatVersion: "2.0"`,
		}},
}

var (
	guarded  = regexp.MustCompile(`(?m)^\s*DefaultAuthorizer:\s*Latchkey\b`)
	other    = regexp.MustCompile(`^\s*(DefaultAuthorizer|Authorizers):`)
	section  = regexp.MustCompile(`^(Globals|Resources):\s*(#.*)?$`)
	inline   = regexp.MustCompile(`^(Globals|Resources):\s*[^\s#]`)
	outside  = regexp.MustCompile(`\b(DefinitionUri|AWS::Include)\b`)
	noneOpen = regexp.MustCompile(`\bAuthorizer:\s*["']?NONE\b`)
)

// Template returns the template with the authorizer of the stack named latchkey.
func Template(text, latchkey string) (Result, error) {
	r := Result{Text: text}
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return r, fmt.Errorf("the template is JSON; put the lines of docs/authorizer.md into it by hand")
	}
	for i, line := range strings.Split(text, "\n") {
		if noneOpen.MatchString(line) {
			r.Open = append(r.Open, i+1)
		}
	}
	for _, k := range kinds {
		if k.used.MatchString(text) {
			r.Guarded = append(r.Guarded, k.title)
		}
	}
	if len(r.Guarded) == 0 {
		return r, fmt.Errorf("the template has no API of type AWS::Serverless::Api or AWS::Serverless::HttpApi, and no event of type Api or HttpApi")
	}
	if guarded.MatchString(text) {
		r.Already = true
		return r, nil
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if outside.MatchString(line) {
			return r, fmt.Errorf("line %d: the API is defined elsewhere, where SAM adds no authorizer: use DefinitionBody", i+1)
		}
		if other.MatchString(line) || inline.MatchString(line) {
			return r, fmt.Errorf("line %d: %q: put the lines of docs/authorizer.md there by hand", i+1, strings.TrimSpace(line))
		}
	}
	var err error
	for _, k := range slices.Backward(kinds) { // each goes to the head of the section
		if k.used.MatchString(text) && err == nil {
			lines, err = k.into(lines, latchkey)
		}
	}
	r.Text = strings.Join(lines, "\n")
	return r, err
}

// into adds the authorizer to a template's Globals.
func (k kind) into(lines []string, latchkey string) ([]string, error) {
	at := slices.IndexFunc(lines, func(line string) bool { return section.MatchString(line) && strings.HasPrefix(line, "Globals") })
	if at < 0 {
		resources := slices.IndexFunc(lines, section.MatchString)
		if resources < 0 {
			return lines, fmt.Errorf("the template has no section Resources")
		}
		lines = slices.Insert(lines, resources, "Globals:", "")
		at = resources
	}
	end := blockEnd(lines, at)
	step := indentOf(lines, at, end)
	child := at + 1 + slices.IndexFunc(lines[at+1:end], func(line string) bool {
		return strings.HasPrefix(line, step+k.section+":")
	})
	if child == at { // there is no such section yet
		return slices.Insert(lines, at+1, k.block(step, latchkey, nil)...), nil
	}
	if strings.TrimSpace(strings.SplitN(lines[child], "#", 2)[0]) != k.section+":" {
		return lines, fmt.Errorf("line %d: %q: write it on lines of its own first", child+1, strings.TrimSpace(lines[child]))
	}
	below := lines[child+1 : blockEnd(lines, child)]
	if i := slices.IndexFunc(below, func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "Auth:") }); i >= 0 {
		return lines, fmt.Errorf("line %d: Globals has an Auth already: put the lines of docs/authorizer.md there by hand", child+2+i)
	}
	return slices.Insert(lines, child+1, k.block(step, latchkey, below)[1:]...), nil
}

// block are the lines of the section, without those that stand below it already.
func (k kind) block(step, latchkey string, below []string) []string {
	out := []string{step + k.section + ":"}
	for _, line := range k.lines {
		name, _, _ := strings.Cut(line, ":")
		if !slices.ContainsFunc(below, func(there string) bool { return strings.HasPrefix(strings.TrimSpace(there), name+":") }) {
			out = append(out, step+step+line)
		}
	}
	for _, line := range k.auth {
		text := strings.TrimLeft(line, " ")
		depth := (len(line) - len(text)) / 2
		if strings.Contains(text, "%s") {
			text = fmt.Sprintf(text, latchkey)
		}
		out = append(out, strings.Repeat(step, 2+depth)+text)
	}
	return out
}

// blockEnd is the index after the last line that is below the one at an index.
func blockEnd(lines []string, at int) int {
	own := len(lines[at]) - len(strings.TrimLeft(lines[at], " "))
	end := at + 1
	for i := at + 1; i < len(lines); i++ {
		text := strings.TrimLeft(lines[i], " ")
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if len(lines[i])-len(text) <= own {
			break
		}
		end = i + 1
	}
	return end
}

// indentOf is the indent of what is below a section, two spaces if nothing is.
func indentOf(lines []string, at, end int) string {
	for _, line := range lines[at+1 : end] {
		if text := strings.TrimLeft(line, " "); text != "" && !strings.HasPrefix(text, "#") {
			return line[:len(line)-len(text)]
		}
	}
	return "  "
}
