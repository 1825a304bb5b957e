package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// presented is the body that asks about one key.
type presented struct {
	Key     string   `json:"key"`
	Method  string   `json:"method,omitempty"`
	Path    string   `json:"path,omitempty"`
	Scopes  []string `json:"scopes,omitempty"`
	Address string   `json:"address,omitempty"`
	API     string   `json:"api,omitempty"`
	DryRun  bool     `json:"dry_run,omitempty"`
}

func (a *app) checkKeyCommand() *cobra.Command {
	var body presented
	var fromStdin bool
	c := &cobra.Command{
		Use:   "verify",
		Short: "Tell whether a key is good, and for what",
		Long: `Tell whether a key is good, and for what. It is asked for without being shown, or is the first line of
standard input. The exit code is 3 if it is not valid.

The request counts against the key's limit and is in its log, like one that the authorizer checks, unless
--dry-run is given.`,
		Example: `  latchkey keys verify --dry-run
  echo "$KEY" | latchkey keys verify --key-stdin --method GET --path /api/stats --address 203.0.113.9`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if body.Key, err = a.secret(cmd.Context(), "Key", fromStdin, "--key-stdin"); err != nil {
				return err
			}
			server, err := a.client()
			if err != nil {
				return err
			}
			answer, err := a.send(cmd.Context(), server, post("/v1/keys/verify", body))
			if err != nil {
				return err
			}
			return a.tellVerified(answer)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&fromStdin, "key-stdin", false, "read the key from standard input")
	flags.StringVar(&body.Method, "method", "", "of the request that presented it")
	flags.StringVar(&body.Path, "path", "", "of that request: the key's scopes must open it")
	flags.StringSliceVar(&body.Scopes, "scope", nil, "what that request needs, instead of what its path needs")
	flags.StringVar(&body.Address, "address", "", "the IP address that sent it")
	flags.StringVar(&body.API, "api", "", "the name of the API in the key's log")
	flags.BoolVar(&body.DryRun, "dry-run", false, "count nothing and log nothing")
	return c
}

// tellVerified prints what is known of a key, and fails if it is not valid.
func (a *app) tellVerified(body json.RawMessage) error {
	var v struct {
		Valid  bool
		Code   string
		Key    string `json:"key_id"`
		Label  string
		Scopes []string
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	switch {
	case a.json:
		if err := a.printJSON(body); err != nil {
			return err
		}
	case v.Key != "":
		if _, err := fmt.Fprintln(a.out, strings.Join([]string{v.Code, v.Key, v.Label, strings.Join(v.Scopes, ",")}, "\t")); err != nil {
			return err
		}
	}
	if !v.Valid {
		return &failure{exitRefused, "the key is not valid: " + v.Code}
	}
	return nil
}
