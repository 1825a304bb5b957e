package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

// delivery is how somebody gets a link.
type delivery struct {
	Sent bool
	URL  string
}

// tell prints a link, or says that it went by e-mail.
func (a *app) tell(d delivery, who string) error {
	if d.Sent {
		a.note("sent to %s\n", who)
		return nil
	}
	a.note("give this link to %s, over a channel that you trust; it is good once, and shown once:\n", who)
	_, err := fmt.Fprintln(a.out, d.URL)
	return err
}

func (a *app) inviteCommand() *cobra.Command {
	var role string
	c := &cobra.Command{
		Use:   "invite EMAIL",
		Short: "Make a user who chooses their password by a link",
		Long: `Make a user who chooses their password by a link. It goes to them by e-mail; where the
deployment sends none, it is printed.`,
		Example: `  latchkey users invite ada@example.com`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			server, err := a.client()
			if err != nil {
				return err
			}
			body, err := a.send(cmd.Context(), server, post("/v1/auth/register", map[string]string{"email": args[0], "role": role}))
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(body)
			}
			var made struct{ Invitation delivery }
			if err := json.Unmarshal(body, &made); err != nil {
				return err
			}
			return a.tell(made.Invitation, args[0])
		},
	}
	c.Flags().StringVar(&role, "role", "member", "member or admin")
	_ = c.RegisterFlagCompletionFunc("role", cobra.FixedCompletions(roles, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (a *app) linkCommand() *cobra.Command {
	var purpose string
	var show bool
	c := &cobra.Command{
		Use:   "link USER",
		Short: "Have a user choose another password, or invite them again, by a link",
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: arguments(a.completeUsers),
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := a.onUser(cmd.Context(), args[0], func(path string) call {
				return post(path+"/link", map[string]any{"purpose": purpose, "show": show})
			})
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(body)
			}
			var d delivery
			if err := json.Unmarshal(body, &d); err != nil {
				return err
			}
			return a.tell(d, args[0])
		},
	}
	c.Flags().StringVar(&purpose, "purpose", "reset", "reset or invitation")
	_ = c.RegisterFlagCompletionFunc("purpose", cobra.FixedCompletions([]cobra.Completion{"reset", "invitation"}, cobra.ShellCompDirectiveNoFileComp))
	c.Flags().BoolVar(&show, "show", false, "print the link, also where the deployment sends e-mail")
	return c
}
