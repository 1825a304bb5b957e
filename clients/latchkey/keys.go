package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

const keysPath = "/api/v1/auth/api-keys"

func (a *app) keysCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "keys",
		Short: "Create, list, show, change, disable, revoke, regenerate, delete and verify API keys, and read their log",
		Example: `  KEY=$(latchkey keys create ci-pipeline --scope read:stats)
  latchkey keys list --json | jq -r '.[] | select(.last_used_at == null) | .id'`,
	}, a.createCommand(), a.listCommand(), a.getCommand(), a.editCommand(), a.disableCommand(), a.enableCommand(), a.revokeCommand(), a.regenerateCommand(), a.deleteCommand(), a.checkKeyCommand(), a.logCommand(),
		a.importCommand("keys", "/v1/keys/import", `  echo '{"name": "Customer 17", "scopes": ["read:stats"], "hash": "9f86d0…"}' > keys.jsonl
  latchkey keys import keys.jsonl`))
}

func (a *app) revokeCommand() *cobra.Command {
	var cascade bool
	c := &cobra.Command{
		Use:               "revoke ID",
		Short:             "Revoke a key for ever: it is refused from the next request on",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := a.onKey(cmd.Context(), args[0], func(path string) call {
				return put(path + "/revoke").sending(map[string]bool{"cascade": cascade})
			})
			if err != nil {
				return err
			}
			var answer struct {
				Also int `json:"also_revoked"`
			}
			if err := json.Unmarshal(body, &answer); err != nil {
				return err
			}
			if cascade {
				return a.done(body, "revoked %s and %d keys that came from it", args[0], answer.Also)
			}
			return a.done(body, "revoked %s", args[0])
		},
	}
	c.Flags().BoolVar(&cascade, "cascade", false, "revoke every key that came from it too")
	return c
}

func (a *app) deleteCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:               "delete ID",
		Short:             "Delete a key; its log stays",
		Long:              "Delete a key; its log stays. On a terminal you are asked first.",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.confirm(cmd.Context(), yes, "Delete the key %s? It stops working at once, for ever.", args[0]); err != nil {
				return err
			}
			if _, err := a.onKey(cmd.Context(), args[0], remove); err != nil {
				return err
			}
			return a.done(json.RawMessage(`{"ok":true}`), "deleted %s", args[0])
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

func (a *app) regenerateCommand() *cobra.Command {
	var grace time.Duration
	c := &cobra.Command{
		Use:   "regenerate ID",
		Short: "Give a key a new secret, and print it: it is shown only once",
		Example: `  latchkey keys regenerate 4Hk0pQzXw2LmN8sT
  latchkey keys regenerate 4Hk0pQzXw2LmN8sT --grace 1h   # time to put the new secret in place`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			if grace < 0 || grace%time.Second != 0 {
				return usage("--grace is in whole seconds")
			}
			body, err := a.onKey(cmd.Context(), args[0], func(path string) call {
				return post(path+"/regenerate", map[string]int64{"grace_seconds": int64(grace.Seconds())})
			})
			if err != nil {
				return err
			}
			return a.printSecret(body)
		},
	}
	c.Flags().DurationVar(&grace, "grace", 0, "time for which the old secret stays good, such as 90s or 1h")
	return c
}

type entry struct {
	At, Action, Address, Route, Label string
	Actor                             struct{ Type, ID string }
	Count, Refusals                   int
	Detail, Personal                  map[string]string
}

// when is the time of an entry; of one that counts it is the hour, as ISO 8601 writes it.
func (e entry) when() string {
	if e.Count > 0 {
		return e.At + "/PT1H"
	}
	return e.At
}

func (a *app) logCommand() *cobra.Command {
	var most int
	c := &cobra.Command{
		Use:               "log ID",
		Short:             "Show a key's changes and uses, newest first, even after it was deleted",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := segment(args[0])
			if err != nil {
				return err
			}
			items, err := a.pages(cmd.Context(), keysPath+"/"+id+"/audit-log", "entries", most)
			if err != nil {
				return err
			}
			return printItems(a, items, "AT ACTION BY FROM ROUTE COUNT REFUSED", func(e entry) []string {
				return []string{e.when(), e.Action, e.Actor.Type + " " + e.Actor.ID, e.Address, e.Route, number(e.Count), number(e.Refusals)}
			})
		},
	}
	mostEntries(c, &most)
	return c
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// onKey sends a request about one key.
func (a *app) onKey(ctx context.Context, id string, about func(path string) call) (json.RawMessage, error) {
	return a.onOne(ctx, keysPath, id, about)
}

// onOne sends a request about the one of a list that has the id.
func (a *app) onOne(ctx context.Context, list, id string, about func(path string) call) (json.RawMessage, error) {
	escaped, err := segment(id)
	if err != nil {
		return nil, err
	}
	server, err := a.client()
	if err != nil {
		return nil, err
	}
	return a.send(ctx, server, about(list+"/"+escaped))
}

// printSecret prints a full key, which is shown only once, and nothing else to standard output.
func (a *app) printSecret(body json.RawMessage) error {
	if a.json {
		return a.printJSON(body)
	}
	var k key
	if err := json.Unmarshal(body, &k); err != nil {
		return err
	}
	a.note("the key with id %s, shown this once:\n", k.ID)
	_, err := fmt.Fprintln(a.out, k.Key)
	return err
}

// printID prints the id of what was made, and nothing else to standard output.
func (a *app) printID(body json.RawMessage) error {
	if a.json {
		return a.printJSON(body)
	}
	var made struct{ ID string }
	if err := json.Unmarshal(body, &made); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.out, made.ID)
	return err
}

func (a *app) done(body json.RawMessage, format string, args ...any) error {
	if a.json {
		return a.printJSON(body)
	}
	a.note(format+"\n", args...)
	return nil
}
