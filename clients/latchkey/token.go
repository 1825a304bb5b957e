package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"

	"github.com/spf13/cobra"
)

func (a *app) tokenCommand() *cobra.Command {
	var scope string
	var fromStdin bool
	c := &cobra.Command{
		Use:   "token",
		Short: "Exchange an API key for a short-lived token, and print it",
		Long: `Exchange an API key for an access token (OAuth 2.0 client credentials). The token ends with
the key. The key comes from LATCHKEY_API_KEY, a question or standard input; it is never a flag.`,
		Example: `  TOKEN=$(LATCHKEY_API_KEY=$KEY latchkey token --scope "read:stats")
  latchkey token --key-stdin --json < key.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server, err := a.client()
			if err != nil {
				return err
			}
			full := os.Getenv("LATCHKEY_API_KEY")
			if full == "" || fromStdin {
				if full, err = a.secret(cmd.Context(), "API key", fromStdin, "--key-stdin or LATCHKEY_API_KEY"); err != nil {
					return err
				}
			}
			id, err := keyID(full)
			if err != nil {
				return err
			}
			form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {full}}
			if scope != "" {
				form.Set("scope", scope)
			}
			sent := post("/oauth/token", form)
			sent.repeatable = true // a lost answer leaves a token that nobody has
			body, err := server.send(cmd.Context(), sent)
			if err != nil {
				return ended(err)
			}
			if a.json {
				return a.printJSON(body)
			}
			var made struct {
				Token string `json:"access_token"`
			}
			if err := json.Unmarshal(body, &made); err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.out, made.Token)
			return err
		},
	}
	c.Flags().StringVar(&scope, "scope", "", "what the token may do, separated by spaces (default: all that the key may)")
	c.Flags().BoolVar(&fromStdin, "key-stdin", false, "read the key from standard input")
	return c
}

// keyID is the public part of a key: 16 characters before 30 of secret and 6 of checksum.
func keyID(full string) (string, error) {
	const rest, id = 30 + 6, 16
	if len(full) <= rest+id {
		return "", &failure{exitRefused, "that is not an API key"}
	}
	return full[len(full)-rest-id : len(full)-rest], nil
}
