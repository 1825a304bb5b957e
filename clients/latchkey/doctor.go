package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/latchkey/latchkey/clients/latchkey/checkup"
)

func (a *app) doctorCommand() *cobra.Command {
	var stack string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong with the deployment, and what to do",
		Long: `Find out what is wrong with the deployment, and what to do. It only reads.

It looks at the stack with your AWS credentials (AWS_PROFILE, AWS_REGION or what else
the AWS CLI takes), and asks the deployment at its address. What it could not look at,
it names, with the permission that it takes; it never takes that for fine.

  broken   a promise of Latchkey is not kept now
  risk     nothing has happened yet
  note     it may be meant so

It ends with 8 if something is broken or a risk, with 9 if nothing is but not all was
looked at, and with 0 if all was. A policy that suffices is in docs/operations.md.`,
		Example: `  latchkey doctor
  latchkey doctor --stack latchkey-staging --url https://staging.example.com
  latchkey doctor --json | jq -r '.findings[] | select(.command) | .command'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			options, err := a.examined(stack)
			if err != nil {
				return err
			}
			return a.printExamination(checkup.Examine(cmd.Context(), options))
		},
	}
	c.Flags().StringVar(&stack, "stack", "latchkey", "the name of its CloudFormation stack")
	return c
}

// examined is the deployment of --url or LATCHKEY_URL, else the one whose address the stack tells. A login
// at that address lends its token, for the clocks.
func (a *app) examined(stack string) (checkup.Options, error) {
	o := checkup.Options{Stack: stack, HTTP: newClient("", a.wait).http}
	address := a.url
	if address == "" {
		address = os.Getenv("LATCHKEY_URL")
	}
	if address == "" {
		return o, nil
	}
	base, err := checkedURL(address)
	if err != nil {
		return o, err
	}
	o.URL = base
	if kept, err := loadCredentials(); err == nil && kept.URL == base {
		o.Token = kept.AccessToken
	}
	return o, nil
}

func (a *app) printExamination(r checkup.Report) error {
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else if err := a.printFindingsOf(r); err != nil {
		return err
	}
	switch {
	case r.Wrong():
		return &failure{exitWrong, fmt.Sprintf("%d broken, %d at risk", r.Count(checkup.Broken), r.Count(checkup.Risk))}
	case len(r.NotChecked) > 0:
		return &failure{exitNotAllChecked, fmt.Sprintf("nothing wrong was found, and %d things were not checked", len(r.NotChecked))}
	}
	return nil
}

func (a *app) printFindingsOf(r checkup.Report) error {
	var text strings.Builder
	fmt.Fprintf(&text, "stack %s, address %s\n", r.Stack, r.URL)
	for _, f := range r.Findings {
		fmt.Fprintf(&text, "\n%-7s %s: %s\n        why: %s\n        do:  %s\n", f.Severity, f.Check, f.What, f.Why, f.Do)
		if f.Command != "" {
			fmt.Fprintf(&text, "        %s\n", f.Command)
		}
	}
	for i, g := range r.NotChecked {
		if i == 0 {
			text.WriteString("\n")
		}
		fmt.Fprintf(&text, "not checked: %s (%s", g.Check, g.Reason)
		if g.Needs != "" {
			fmt.Fprintf(&text, "; needs %s", g.Needs)
		}
		text.WriteString(")\n")
	}
	if len(r.Sound) > 0 {
		fmt.Fprintf(&text, "\nsound: %s\n", strings.Join(r.Sound, ", "))
	}
	_, err := fmt.Fprint(a.out, printable(text.String()))
	return err
}
