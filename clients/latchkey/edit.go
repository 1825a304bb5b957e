package main

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

func patch(path string, body any) call {
	return call{method: "PATCH", path: path, body: body, repeatable: true}
}

// An edit has the flags of keys edit, some of which customers edit has too.
type edit struct {
	label, expires      string
	owner               string
	quota               string
	scopes, allow, drop []string
	limits, metadata    map[string]string
	endOld              bool
}

func (a *app) editCommand() *cobra.Command {
	var e edit
	c := &cobra.Command{
		Use:               "edit ID",
		ValidArgsFunction: a.completeKeys,
		Short:             "Change what a key may do; what you do not name stays as it is",
		Example: `  latchkey keys edit 4Hk0pQzXw2LmN8sT --scope read:stats --allow 203.0.113.0/24
  latchkey keys edit 4Hk0pQzXw2LmN8sT --expires 90d --limit read=600,write=default
  latchkey keys edit 4Hk0pQzXw2LmN8sT --quota 20000/month
  latchkey keys edit 4Hk0pQzXw2LmN8sT --expires never --allow all --meta team=web --drop-meta ticket`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if e.owner != "" {
				if e.owner, err = a.userID(cmd.Context(), e.owner); err != nil {
					return err
				}
			}
			body, err := e.body(cmd, time.Now())
			if err != nil {
				return err
			}
			return a.change(cmd.Context(), args[0], body, "changed %s")
		},
	}
	flags := c.Flags()
	flags.BoolVar(&e.endOld, "end-old-secret", false, "end the secret that a regeneration with a grace left")
	flags.StringVar(&e.owner, "owner", "", "as an administrator: the user who gets the key, by id or e-mail address")
	flags.StringVar(&e.label, "label", "", "its new label")
	flags.StringSliceVar(&e.scopes, "scope", nil, "all that it may do, such as read:stats; again or after a comma for more")
	flags.StringVar(&e.expires, "expires", "", "when it expires: 90d, 12h, a time such as 2030-01-31T12:00:00Z, or never")
	flags.StringToStringVar(&e.limits, "limit", nil, "requests a window, by category, or the deployment's: read=600,write=default")
	flags.StringVar(&e.quota, "quota", "", "what it may spend: 10000/month, 500/day, 2500 for credits that it then has, or none")
	flags.StringSliceVar(&e.allow, "allow", nil, "an address or CIDR block that it may be used from; all for any")
	flags.StringToStringVar(&e.metadata, "meta", nil, "a note to set: name=value")
	flags.StringSliceVar(&e.drop, "drop-meta", nil, "the name of a note to remove")
	return c
}

// body is the merge patch with the flags that were given.
func (e edit) body(cmd *cobra.Command, now time.Time) (map[string]any, error) {
	body := map[string]any{}
	given := cmd.Flags().Changed
	if given("label") {
		body["label"] = e.label
	}
	if given("owner") {
		body["owner"] = e.owner
	}
	if e.endOld {
		body["previous_valid_until"] = nil
	}
	if given("scope") {
		body["scopes"] = e.scopes
	}
	if given("allow") {
		body["allowed_ips"] = e.allow
		if len(e.allow) == 1 && e.allow[0] == "all" {
			body["allowed_ips"] = nil
		}
	}
	if given("expires") {
		if err := e.addExpiry(body, now); err != nil {
			return nil, err
		}
	}
	e.addNotes(body)
	if err := e.addLimits(body, "default"); err != nil {
		return nil, err
	}
	if given("quota") {
		if err := e.addQuota(body); err != nil {
			return nil, err
		}
	}
	if len(body) == 0 {
		return nil, usage("there is nothing to change; see latchkey keys edit --help")
	}
	return body, nil
}

func (e edit) addExpiry(body map[string]any, now time.Time) error {
	body["expires_at"] = nil
	if e.expires == "never" {
		return nil
	}
	at, err := moment(e.expires, now)
	if err != nil || at == "" {
		return usage("--expires is 90d, 12h, a time such as 2030-01-31T12:00:00Z, or never")
	}
	body["expires_at"] = at
	return nil
}

func (e edit) addNotes(body map[string]any) {
	notes := map[string]any{}
	for name, value := range e.metadata {
		notes[name] = value
	}
	for _, name := range e.drop {
		notes[name] = nil
	}
	if len(notes) > 0 {
		body["metadata"] = notes
	}
}

func (e edit) addQuota(body map[string]any) error {
	q, err := quotaOf(e.quota)
	if err != nil || q == nil {
		return usage("--quota is 10000/month, 500/day, 2500 for credits, or none")
	}
	body["quota"] = q
	if e.quota == "none" {
		body["quota"] = nil
	}
	return nil
}

// addLimits adds the limits; one that is as a word says is taken away.
func (e edit) addLimits(body map[string]any, without string) error {
	limits := map[string]any{}
	for category, text := range e.limits {
		if text == without {
			limits[category] = nil
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return usage("--limit %s=%s is not a number, and not %s", category, text, without)
		}
		limits[category] = n
	}
	if len(limits) > 0 {
		body["rate_limit"] = limits
	}
	return nil
}

func (a *app) disableCommand() *cobra.Command {
	return a.changeKeyCommand("disable ID", "Disable a key until it is enabled again: it is refused from the next request on",
		map[string]any{"disabled": true}, "disabled %s")
}

func (a *app) enableCommand() *cobra.Command {
	return a.changeKeyCommand("enable ID", "Enable a key that was disabled", map[string]any{"disabled": false}, "enabled %s")
}

// changeKeyCommand is a command that changes a key in one way.
func (a *app) changeKeyCommand(use, short string, change map[string]any, done string) *cobra.Command {
	return &cobra.Command{
		Use:               use,
		ValidArgsFunction: a.completeKeys,
		Short:             short,
		Args:              cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.change(cmd.Context(), args[0], change, done)
		},
	}
}

// change sends a merge patch of a key.
func (a *app) change(ctx context.Context, id string, body map[string]any, done string) error {
	answer, err := a.onOne(ctx, "/v1/api-keys", id, func(path string) call { return patch(path, body) })
	if err != nil {
		return err
	}
	return a.done(answer, done, id)
}
