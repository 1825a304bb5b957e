package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) passwordCommand() *cobra.Command {
	var fromStdin bool
	c := &cobra.Command{
		Use:   "password",
		Short: "Change your password",
		Long: `Change your password. It asks for the current one and the new one without showing them,
or reads two lines from standard input. Your other sessions end; API keys go on working.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server, err := a.client()
			if err != nil {
				return err
			}
			current, next, err := a.passwords(cmd.Context(), fromStdin)
			if err != nil {
				return err
			}
			change := post("/v1/auth/password", map[string]string{"current_password": current, "password": next})
			if _, err := a.send(cmd.Context(), server, change); err != nil {
				return err
			}
			a.note("password changed\n")
			return nil
		},
	}
	c.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the current password and the new one, a line each, from standard input")
	return c
}

// passwords are the current one and the new one.
func (a *app) passwords(ctx context.Context, fromStdin bool) (current, next string, err error) {
	if fromStdin {
		both, err := readLines(a.in, 2)
		if err != nil {
			return "", "", err
		}
		return both[0], both[1], nil
	}
	if current, err = a.secret(ctx, "Current password", false, "--password-stdin"); err != nil {
		return "", "", err
	}
	if next, err = a.secret(ctx, "New password", false, "--password-stdin"); err != nil {
		return "", "", err
	}
	again, err := a.secret(ctx, "New password again", false, "--password-stdin")
	if err == nil && again != next {
		err = usage("the two are not the same; nothing was changed")
	}
	return current, next, err
}
