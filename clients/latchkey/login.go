package main

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) loginCommand() *cobra.Command {
	var email string
	var fromStdin, codeToo bool
	c := &cobra.Command{
		Use:   "login",
		Short: "Sign in, and stay signed in",
		Long: `Sign in with e-mail address and password. It asks for the password without showing it,
or reads it from standard input; it is never a flag, where other users of the machine could see it.

An account with a second factor needs a code of its authenticator app too, or a recovery code. It is
asked for, or with --code-stdin it is the next line of standard input. A passkey needs a browser. Where
you must have a second factor and have none, it adds an authenticator app first.

It stores the session's tokens, but not the password, in credentials.json in your settings folder.`,
		Example: `  latchkey login --url https://api.example.com
  pass show latchkey | latchkey login --url https://api.example.com --email ada@example.com --password-stdin`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server, err := a.client()
			if err != nil {
				return err
			}
			if email, err = a.email(cmd.Context(), email); err != nil {
				return err
			}
			password, code, err := a.passwordAndCode(cmd.Context(), fromStdin, codeToo)
			if err != nil {
				return err
			}
			asked := time.Now()
			// A lost answer leaves a session whose tokens nobody has.
			sent := post("/api/auth/login", map[string]string{"email": email, "password": password})
			sent.repeatable = true
			body, err := server.send(cmd.Context(), sent)
			if err != nil {
				return ended(err)
			}
			if body, err = a.setUpFirst(cmd.Context(), server, sent, body, fromStdin); err != nil {
				return ended(err)
			}
			if body, err = a.secondStep(cmd.Context(), server, body, code); err != nil {
				return ended(err)
			}
			kept := credentials{URL: server.base, Email: email}
			if err := kept.keep(body, asked); err != nil {
				return err
			}
			a.note("signed in to %s as %s\n", server.base, email)
			return nil
		},
	}
	c.Flags().StringVar(&email, "email", "", "your e-mail address (asked for if absent)")
	c.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input")
	c.Flags().BoolVar(&codeToo, "code-stdin", false, "with --password-stdin: read a code from the line after it")
	return c
}

func (a *app) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "End the session, here and on the server",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			kept, err := loadCredentials()
			if errors.Is(err, errSignedOut) {
				return forgetCredentials()
			}
			if err != nil {
				return err
			}
			server := newClient(kept.URL, a.wait)
			token, err := server.bearer(cmd.Context(), "")
			if err == nil {
				_, err = server.send(cmd.Context(), post("/api/auth/logout", nil).with("Authorization", "Bearer "+token))
			}
			if exit := (*failure)(nil); isTokenOver(err) || errors.As(err, &exit) && exit.exit == exitRefused {
				err = nil // it is over already
			}
			if err != nil {
				return ended(err) // kept, so that it can still be ended
			}
			return forgetCredentials()
		},
	}
}

func (a *app) whoamiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "whoami",
		Short: "Show the user and the credential in use",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server, err := a.client()
			if err != nil {
				return err
			}
			body, err := a.send(cmd.Context(), server, get("/v1/auth/me"))
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(body)
			}
			var me struct {
				User       struct{ Email, Role string }
				Credential struct {
					Type, ID  string
					Scopes    []string
					ExpiresAt string `json:"expires_at"`
				}
			}
			if err := json.Unmarshal(body, &me); err != nil {
				return err
			}
			return a.printTable("FIELD VALUE", [][]string{
				{"deployment", server.base}, {"user", me.User.Email}, {"role", me.User.Role},
				{"credential", me.Credential.Type + " " + me.Credential.ID},
				{"scopes", strings.Join(me.Credential.Scopes, " ")}, {"expires", me.Credential.ExpiresAt},
			})
		},
	}
}
