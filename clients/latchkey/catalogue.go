package main

import (
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/latchkey/latchkey/shared/scope"
)

func (a *app) catalogueCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "catalogue",
		Short: "Check a catalogue of scopes before it is deployed",
	}, a.checkCommand())
}

func (a *app) checkCommand() *cobra.Command {
	var bases []string
	c := &cobra.Command{
		Use:   "check FILE",
		Short: "Name the line of a mistake, or tell what the catalogue opens",
		Long: `Name the line of a mistake in a catalogue of scopes, or tell what it opens.

The rules are those of a deployment, and of this release. A mistake ends the
command with 2. - is the standard input.`,
		Example: `  latchkey catalogue check catalogue.json
  latchkey catalogue check catalogue.json --base-path /v2   # deployed with BasePaths=/v2`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := a.read(args[0])
			if err != nil {
				return err
			}
			found, err := scope.Compose(args[0], text, bases...)
			if err != nil {
				return usage("%s", err)
			}
			return a.printCatalogue(args[0], found)
		},
	}
	c.Flags().StringArrayVar(&bases, "base-path", nil, "a base path in place of those in the file; more than once for more")
	return c
}

func (a *app) read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(a.in)
	}
	text, err := os.ReadFile(name) //nolint:gosec // the user names the file
	if err != nil {
		return nil, usage("%s", err)
	}
	return text, nil
}

func (a *app) printCatalogue(name string, c *scope.Catalogue) error {
	if a.json {
		return a.printJSON(map[string]any{"scopes": c.All(), "policy_bytes": policyLength(c)})
	}
	var rows [][]string
	for _, s := range c.Scopes() {
		var opens []string
		for _, r := range s.Opens {
			opens = append(opens, r.Method+" "+r.Path)
		}
		rows = append(rows, []string{s.Name, strings.Join(opens, ", ")})
	}
	if err := a.printTable("SCOPE OPENS", rows); err != nil {
		return err
	}
	a.note("%s is good: %d scopes, Latchkey's own included\n", name, len(rows))
	if length := policyLength(c); length > longestAnswer {
		a.note("A caller with all of them has a policy of about %d bytes, more than the %d of an answer. Its answers are about one request each: "+
			"if your API caches the authorizer's answers, make method and path identity sources too\n", length, longestAnswer)
	}
	return nil
}

// What API Gateway takes of the authorizer's answer, in bytes (docs/authorizer.md), and what a policy takes
// besides the routes: what it always has, and the API's ARN with each route.
const (
	longestAnswer = 8192
	policyFrame   = 1500
	bytesOfRoute  = len(`"arn:aws:execute-api:*:*:a1b2c3d4e5/prod/",`)
)

// policyLength returns about the length of the policy of a caller who holds every scope but admin.
func policyLength(c *scope.Catalogue) int {
	length := policyFrame
	for _, name := range c.AllButAdmin() {
		for _, r := range c.Opens(name) {
			length += bytesOfRoute + len(r.Method) + len(r.Path)
		}
	}
	return length
}
