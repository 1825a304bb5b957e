package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/latchkey/latchkey/clients/latchkey/guard"
)

func (a *app) guardCommand() *cobra.Command {
	stack := "latchkey"
	c := &cobra.Command{
		Use:   "guard [TEMPLATE]",
		Short: "Put the authorizer before every route of a SAM template",
		Long: `Put Latchkey's authorizer before every route of a SAM template (template.yaml, unless you name another).

It adds lines to the template's section Globals and changes no other line: git diff shows them. Routes with
"Authorizer: NONE" stay open, and it names them. Deploy the template as before.`,
		Example: `  latchkey guard
  latchkey guard --stack latchkey-staging ../shop/template.yaml`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			path := "template.yaml"
			if len(args) > 0 {
				path = args[0]
			}
			return a.guardTemplate(path, stack)
		},
	}
	c.Flags().StringVar(&stack, "stack", stack, "the name of Latchkey's own stack")
	return c
}

func (a *app) guardTemplate(path, stack string) error {
	info, err := os.Stat(path)
	if err != nil {
		return usage("%s", err)
	}
	text, err := os.ReadFile(path) //nolint:gosec // the user names it
	if err != nil {
		return err
	}
	r, err := guard.Template(string(text), stack)
	if err != nil {
		return usage("%s: %s", path, err)
	}
	what := "every route of its " + strings.Join(r.Guarded, " and its ")
	if r.Already {
		a.note("%s is guarded already: %s\n", path, what)
	} else {
		if err := os.WriteFile(path, []byte(r.Text), info.Mode().Perm()); err != nil {
			return err
		}
		a.note("%s: Latchkey guards %s; deploy it as before\n", path, what)
	}
	for _, line := range r.Open {
		a.note("%s\n", fmt.Sprintf("line %d keeps a route open: Authorizer: NONE", line))
	}
	return nil
}
