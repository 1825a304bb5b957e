package main

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) removeFactorsCommand() *cobra.Command {
	var yes, fromStdin bool
	c := &cobra.Command{
		Use:   "remove-factors USER",
		Short: "Remove the second factors of a user who lost them",
		Long: `Remove the second factors of a user who lost them: they sign in with their password alone then.
You prove first who you are, by a code of your authenticator app or a recovery code or, if you have
no second factor, by your password. On a terminal you are asked first.`,
		Args: cobra.ExactArgs(1),

		ValidArgsFunction: arguments(a.completeUsers),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := a.userID(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := a.confirm(cmd.Context(), yes, "Remove all second factors of %s?", args[0]); err != nil {
				return err
			}
			if err := a.prove(cmd.Context(), fromStdin); err != nil {
				return err
			}
			if _, err := a.onOne(cmd.Context(), usersPath, id, func(path string) call { return remove(path + "/factors") }); err != nil {
				return err
			}
			return a.done(json.RawMessage(`{"ok":true}`), "removed the second factors of %s", args[0])
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	c.Flags().BoolVar(&fromStdin, "proof-stdin", false, "read the code or the password from standard input")
	return c
}

// prove proves who is signed in, unless they did a moment ago.
func (a *app) prove(ctx context.Context, fromStdin bool) error {
	server, err := a.client()
	if err != nil {
		return err
	}
	body, err := a.send(ctx, server, get("/v1/auth/factors"))
	if err != nil {
		return err
	}
	var own struct {
		Proof struct {
			Until   *string
			Methods []string
		}
	}
	if err := json.Unmarshal(body, &own); err != nil || own.Proof.Until != nil {
		return err
	}
	byPassword := len(own.Proof.Methods) == 1 && own.Proof.Methods[0] == "password"
	prompt := "Your code, or a recovery code"
	if byPassword {
		prompt = "Your password"
	}
	given, err := a.secret(ctx, prompt, fromStdin, "--proof-stdin")
	if err != nil {
		return err
	}
	proof := map[string]string{"password": given}
	if !byPassword {
		proof = codeOrRecovery(given)
	}
	_, err = a.send(ctx, server, post("/v1/auth/factors/proof", proof))
	return err
}

// codeOrRecovery has a code of an authenticator app, or a recovery code.
func codeOrRecovery(given string) map[string]string {
	given = strings.TrimSpace(given)
	if len(given) == 6 && strings.Trim(given, "0123456789") == "" {
		return map[string]string{"code": given}
	}
	return map[string]string{"recovery_code": given}
}
