package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

type key struct {
	ID         string
	Label      string
	Key        string
	Type       string
	Status     string
	Project    string `json:"project_id"`
	Scopes     []string
	Created    string            `json:"created_at"`
	Maker      string            `json:"created_by"`
	Expires    string            `json:"expires_at"`
	LastUsed   string            `json:"last_used_at"`
	AllowedIPs []string          `json:"allowed_ips"`
	Limits     map[string]int    `json:"rate_limit"`
	Metadata   map[string]string `json:"metadata"`
}

func (a *app) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List your keys, newest first",
		Long: `List your keys, newest first. A key that was made a moment ago may be missing.

On a terminal the list has the columns that matter most; ` + "`latchkey keys get`" + ` shows all of a key.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			items, err := a.pages(cmd.Context(), keysPath, "api_keys", 0)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(items)
			}
			keys, err := each[key](items)
			if err != nil {
				return err
			}
			return a.printKeys(keys)
		},
	}
}

func (a *app) printKeys(keys []key) error {
	rows := make([][]string, len(keys))
	for i, k := range keys {
		scopes := strings.Join(k.Scopes, ",")
		if a.width() > 0 {
			rows[i] = []string{k.ID, k.Label, k.Status, scopes, day(k.Expires), day(k.LastUsed)}
			continue
		}
		rows[i] = []string{k.ID, k.Label, k.Key, k.Type, k.Status, scopes, k.Created, k.Maker, k.Expires, k.LastUsed}
	}
	if a.width() > 0 {
		return a.printTable("ID LABEL STATUS SCOPES EXPIRES LAST-USED", rows)
	}
	return a.printTable("ID LABEL KEY TYPE STATUS SCOPES CREATED MADE-BY EXPIRES LAST-USED", rows)
}

// day shortens a time to its date, in the reader's time zone.
func day(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return at.Local().Format(time.DateOnly)
}

func (a *app) getCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "get ID",
		Short:             "Show all of a key, except its secret",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			item, k, err := a.find(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(item)
			}
			return a.printTable("FIELD VALUE", [][]string{
				{"id", k.ID}, {"label", k.Label}, {"key", k.Key}, {"type", k.Type}, {"status", k.Status},
				{"project", k.Project}, {"scopes", strings.Join(k.Scopes, " ")},
				{"created", k.Created}, {"created by", k.Maker}, {"expires", k.Expires}, {"last used", k.LastUsed},
				{"addresses", strings.Join(k.AllowedIPs, " ")}, {"limits", pairs(k.Limits)}, {"metadata", pairs(k.Metadata)},
			})
		},
	}
}

// find looks for a key in the list: no route has one key.
func (a *app) find(ctx context.Context, id string) (json.RawMessage, key, error) {
	items, err := a.pages(ctx, keysPath, "api_keys", 0)
	if err != nil {
		return nil, key{}, err
	}
	keys, err := each[key](items)
	if err != nil {
		return nil, key{}, err
	}
	i := slices.IndexFunc(keys, func(k key) bool { return k.ID == id })
	if i < 0 {
		return nil, key{}, &failure{exitNotFound, "you have no key " + id}
	}
	return items[i], keys[i], nil
}
