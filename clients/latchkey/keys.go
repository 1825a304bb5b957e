package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const keysPath = "/api/v1/auth/api-keys"

type key struct {
	ID       string
	Label    string
	Key      string
	Type     string
	Status   string
	Scopes   []string
	Created  string `json:"created_at"`
	Maker    string `json:"created_by"`
	Expires  string `json:"expires_at"`
	LastUsed string `json:"last_used_at"`
}

func (a *app) keysCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "keys",
		Short: "Create, list, revoke, regenerate and delete API keys, and read their log",
		Example: `  KEY=$(latchkey keys create ci-pipeline --scope read:stats)
  latchkey keys list --json | jq -r '.[] | select(.last_used_at == null) | .id'`,
	}, a.createCommand(), a.listCommand(), a.revokeCommand(), a.regenerateCommand(), a.deleteCommand(), a.logCommand(),
		a.importCommand("keys", "/v1/keys/import", `  echo '{"name": "Customer 17", "scopes": ["read:stats"], "hash": "9f86d0…"}' > keys.jsonl
  latchkey keys import keys.jsonl`))
}

func (a *app) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List your keys, newest first",
		Long:  "List your keys, newest first. A key that was made a moment ago may be missing.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			items, err := a.pages(cmd.Context(), keysPath, "api_keys", 0)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(items)
			}
			rows := make([][]string, len(items))
			for i, item := range items {
				var k key
				if err := json.Unmarshal(item, &k); err != nil {
					return err
				}
				rows[i] = []string{k.ID, k.Label, k.Key, k.Type, k.Status, strings.Join(k.Scopes, ","), k.Created, k.Maker, k.Expires, k.LastUsed}
			}
			return a.printTable("ID LABEL KEY TYPE STATUS SCOPES CREATED MADE-BY EXPIRES LAST-USED", rows)
		},
	}
}

func (a *app) revokeCommand() *cobra.Command {
	var cascade bool
	c := &cobra.Command{
		Use:   "revoke ID",
		Short: "Revoke a key for ever: it is refused from the next request on",
		Args:  cobra.ExactArgs(1),
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
	return &cobra.Command{
		Use:   "delete ID",
		Short: "Delete a key; its log stays",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := a.onKey(cmd.Context(), args[0], remove); err != nil {
				return err
			}
			return a.done(json.RawMessage(`{"ok":true}`), "deleted %s", args[0])
		},
	}
}

func (a *app) regenerateCommand() *cobra.Command {
	var grace time.Duration
	c := &cobra.Command{
		Use:   "regenerate ID",
		Short: "Give a key a new secret, and print it: it is shown only once",
		Example: `  latchkey keys regenerate 4Hk0pQzXw2LmN8sT
  latchkey keys regenerate 4Hk0pQzXw2LmN8sT --grace 1h   # time to put the new secret in place`,
		Args: cobra.ExactArgs(1),
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

func (a *app) logCommand() *cobra.Command {
	var most int
	c := &cobra.Command{
		Use:   "log ID",
		Short: "Show a key's changes and uses, newest first, even after it was deleted",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := segment(args[0])
			if err != nil {
				return err
			}
			items, err := a.pages(cmd.Context(), keysPath+"/"+id+"/audit-log", "entries", most)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(items)
			}
			rows := make([][]string, len(items))
			for i, item := range items {
				var e struct {
					At, Action, Address, Route string
					Actor                      struct{ Type, ID string }
					Count, Refusals            int
				}
				if err := json.Unmarshal(item, &e); err != nil {
					return err
				}
				rows[i] = []string{e.At, e.Action, e.Actor.Type + " " + e.Actor.ID, e.Address, e.Route, number(e.Count), number(e.Refusals)}
			}
			return a.printTable("AT ACTION BY FROM ROUTE COUNT REFUSED", rows)
		},
	}
	c.Flags().IntVar(&most, "limit", 50, "the largest number of entries; 0 for all")
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
	escaped, err := segment(id)
	if err != nil {
		return nil, err
	}
	server, err := a.client()
	if err != nil {
		return nil, err
	}
	return a.send(ctx, server, about(keysPath+"/"+escaped))
}

// pages are the items of a list, at most as many as asked for; 0 is all.
func (a *app) pages(ctx context.Context, path, field string, most int) ([]json.RawMessage, error) {
	all := []json.RawMessage{}
	err := a.eachPage(ctx, path, func(page map[string]json.RawMessage) (more bool, err error) {
		var items []json.RawMessage
		if err := json.Unmarshal(page[field], &items); err != nil {
			return false, err
		}
		all = append(all, items...)
		return most == 0 || len(all) < most, nil
	})
	if most > 0 && len(all) > most {
		all = all[:most]
	}
	return all, err
}

// eachPage reads the pages of a list, until there is no other or take wants no more.
func (a *app) eachPage(ctx context.Context, path string, take func(page map[string]json.RawMessage) (more bool, err error)) error {
	server, err := a.client()
	if err != nil {
		return err
	}
	for query := (url.Values{"limit": {"100"}}); ; {
		body, err := a.send(ctx, server, get(path+"?"+query.Encode()))
		if err != nil {
			return err
		}
		var page map[string]json.RawMessage
		var next string
		if err := json.Unmarshal(body, &page); err != nil {
			return err
		}
		if err := json.Unmarshal(page["next_cursor"], &next); err != nil {
			return err
		}
		if more, err := take(page); err != nil || !more || next == "" {
			return err
		}
		query.Set("cursor", next)
	}
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

func (a *app) done(body json.RawMessage, format string, args ...any) error {
	if a.json {
		return a.printJSON(body)
	}
	a.note(format+"\n", args...)
	return nil
}
