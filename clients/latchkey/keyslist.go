package main

import (
	"context"
	"encoding/json"
	"net/url"
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
	Customer   string `json:"customer_id"`
	Scopes     []string
	Created    string         `json:"created_at"`
	Maker      string         `json:"created_by"`
	Expires    string         `json:"expires_at"`
	LastUsed   string         `json:"last_used_at"`
	OldUntil   string         `json:"previous_valid_until"`
	AllowedIPs []string       `json:"allowed_ips"`
	Limits     map[string]int `json:"rate_limit"`
	Quota      *quota
	Metadata   map[string]string `json:"metadata"`
	Owner      struct{ Email string }
}

func (a *app) listCommand() *cobra.Command {
	var of owner
	var whose string
	c := &cobra.Command{
		Use:   "list",
		Short: "List your keys, newest first, or as an administrator those of others",
		Long: `List your keys, newest first. A key that was made a moment ago may be missing.

On a terminal the list has the columns that matter most; ` + "`latchkey keys get`" + ` shows all of a key.
An administrator who is signed in sees the keys of others too.`,
		Example: `  latchkey keys list
  latchkey keys list --customer acme-17
  latchkey keys list --owner usr_5HBLHMNTZ4ZKQ2M7ZB3J6GQX2A
  latchkey keys list --all --json | jq -r '.[] | [.owner.email, .id, .label] | @tsv'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			query, err := of.query()
			if err != nil {
				return err
			}
			owned := query != ""
			switch {
			case owned && whose != "":
				return usage("--customer has the keys of a customer that you see: leave --owner and --all out")
			case whose != "":
				id, err := a.customerID(cmd.Context(), whose)
				if err != nil {
					return err
				}
				query = "?" + given("customer_id", id).Encode()
			}
			items, err := a.pages(cmd.Context(), keysPath+query, "api_keys", 0)
			if err != nil {
				return err
			}
			heading, row := a.keyColumns(owned)
			return printItems(a, items, heading, row)
		},
	}
	c.Flags().StringVar(&of.id, "owner", "", "the id of the user whose keys they are")
	a.customerFlag(c, &whose, "the customer for whom they were made, by id or external id")
	c.Flags().BoolVar(&of.everybody, "all", false, "the keys of everybody, in no order")
	return c
}

// An owner is whose keys a list has: nobody's but one's own, if it is the zero owner.
type owner struct {
	id        string
	everybody bool
}

func (o owner) query() (string, error) {
	switch {
	case o.everybody && o.id != "":
		return "", usage("--all are the keys of everybody: leave --owner out")
	case o.everybody:
		return "?owner=*", nil
	case o.id != "":
		return "?owner=" + url.QueryEscape(o.id), nil
	}
	return "", nil
}

// keyColumns are the columns of a list of keys: on a terminal those that matter most, elsewhere all; with the keys of
// others their owners.
func (a *app) keyColumns(owned bool) (heading string, row func(key) []string) {
	terminal := a.width() > 0
	switch {
	case owned && terminal:
		return "ID OWNER LABEL STATUS LAST-USED", func(k key) []string {
			return []string{k.ID, k.Owner.Email, k.Label, k.Status, day(k.LastUsed)}
		}
	case owned:
		return "ID OWNER LABEL STATUS SCOPES CREATED EXPIRES LAST-USED", func(k key) []string {
			return []string{k.ID, k.Owner.Email, k.Label, k.Status, strings.Join(k.Scopes, ","), k.Created, k.Expires, k.LastUsed}
		}
	case terminal:
		return "ID LABEL STATUS SCOPES EXPIRES LAST-USED", func(k key) []string {
			return []string{k.ID, k.Label, k.Status, strings.Join(k.Scopes, ","), day(k.Expires), day(k.LastUsed)}
		}
	}
	return "ID LABEL KEY TYPE STATUS SCOPES CREATED MADE-BY EXPIRES LAST-USED", func(k key) []string {
		return []string{k.ID, k.Label, k.Key, k.Type, k.Status, strings.Join(k.Scopes, ","), k.Created, k.Maker, k.Expires, k.LastUsed}
	}
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
				{"project", k.Project}, {"customer", k.Customer}, {"scopes", strings.Join(k.Scopes, " ")},
				{"created", k.Created}, {"created by", k.Maker}, {"expires", k.Expires}, {"old secret until", k.OldUntil}, {"last used", k.LastUsed},
				{"addresses", strings.Join(k.AllowedIPs, " ")}, {"limits", pairs(k.Limits)},
				{"quota", k.Quota.String()}, {"metadata", pairs(k.Metadata)},
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
