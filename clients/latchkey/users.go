package main

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/spf13/cobra"
)

const usersPath = "/v1/users"

type account struct {
	ID      string
	Email   string
	Role    string
	Status  string
	Created string `json:"created_at"`
}

func (a *app) usersCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "users",
		Short: "As an administrator: list, show, read the log of, invite, change, disable, hand over, delete and import users, and remove their second factors",
		Example: `  latchkey users list --search ada@
  latchkey users disable ada@example.com`,
	}, a.listUsersCommand(), a.getUserCommand(), a.userLogCommand(), a.inviteCommand(), a.linkCommand(),
		a.disableUserCommand(),
		a.changeUserCommand("enable USER", "Enable a user again; their keys stay revoked", map[string]any{"disabled": false}, "enabled %s"),
		a.roleCommand(), a.handoverCommand(), a.removeFactorsCommand(), a.deleteUserCommand(),
		a.importCommand("users", "/v1/users/import", `  echo '{"email": "ada@example.com", "password_hash": "$2b$12$…"}' > users.jsonl
  latchkey users import users.jsonl`))
}

func (a *app) listUsersCommand() *cobra.Command {
	var search string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the users",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path := usersPath
			if search != "" {
				path += "?" + url.Values{"search": {search}}.Encode()
			}
			items, err := a.pages(cmd.Context(), path, "users", 0)
			if err != nil {
				return err
			}
			return printItems(a, items, "ID EMAIL ROLE STATUS CREATED", func(u account) []string {
				return []string{u.ID, u.Email, u.Role, u.Status, u.Created}
			})
		},
	}
	c.Flags().StringVar(&search, "search", "", "only users with this in their e-mail address")
	return c
}

func (a *app) getUserCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "get USER",
		Short: "Show a user, how many sessions they have, and their keys",
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: arguments(a.completeUsers),
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := a.onUser(cmd.Context(), args[0], get)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(body)
			}
			var u struct {
				account
				Sessions []json.RawMessage
				Keys     []key `json:"api_keys"`
			}
			if err := json.Unmarshal(body, &u); err != nil {
				return err
			}
			rows := [][]string{{"id", u.ID}, {"email", u.Email}, {"role", u.Role}, {"status", u.Status}, {"created", u.Created}, {"sessions", number(len(u.Sessions))}}
			for _, k := range u.Keys {
				rows = append(rows, []string{"key " + k.ID, k.Label + " (" + k.Status + ")"})
			}
			return a.printTable("FIELD VALUE", rows)
		},
	}
}

func (a *app) disableUserCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "disable USER",
		Short: "Disable a user: their sessions end, and all their keys are revoked",
		Long:  "Disable a user: their sessions end, and all their keys are revoked, for ever.\nOn a terminal you are asked first.",
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: arguments(a.completeUsers),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.confirm(cmd.Context(), yes, "Disable the user %s, and revoke all their keys?", args[0]); err != nil {
				return err
			}
			return a.changeUser(cmd.Context(), args[0], map[string]any{"disabled": true}, "disabled %s")
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

// changeUserCommand is a command that changes a user in one way.
func (a *app) changeUserCommand(use, short string, change map[string]any, done string) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: arguments(a.completeUsers),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeUser(cmd.Context(), args[0], change, done)
		},
	}
}

func (a *app) roleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "role USER admin|member",
		Short: "Give a user another role; they have to sign in again",
		Args:  cobra.ExactArgs(2),

		ValidArgsFunction: arguments(a.completeUsers, cobra.FixedCompletions(roles, cobra.ShellCompDirectiveNoFileComp)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeUser(cmd.Context(), args[0], map[string]any{"role": args[1]}, "%s is now "+args[1])
		},
	}
}

func (a *app) changeUser(ctx context.Context, who string, change map[string]any, done string) error {
	body, err := a.onUser(ctx, who, func(path string) call { return patch(path, change) })
	if err != nil {
		return err
	}
	return a.done(body, done, who)
}

func (a *app) handoverCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "handover USER TO",
		Short:   "Give all projects and keys of a user to another; the keys go on working",
		Example: "  latchkey users handover ada@example.com grace@example.com",
		Args:    cobra.ExactArgs(2),

		ValidArgsFunction: arguments(a.completeUsers, a.completeUsers),
		RunE: func(cmd *cobra.Command, args []string) error {
			to, err := a.userID(cmd.Context(), args[1])
			if err != nil {
				return err
			}
			body, err := a.onUser(cmd.Context(), args[0], func(path string) call {
				return call{method: "POST", path: path + "/handover", body: map[string]any{"to": to}, repeatable: true}
			})
			if err != nil {
				return err
			}
			var done struct {
				Left int
			}
			if err := json.Unmarshal(body, &done); err != nil {
				return err
			}
			if done.Left > 0 {
				a.note("%d keys with a scope of administrators stay: %s is none\n", done.Left, args[1])
			}
			return a.done(body, "all else of %s belongs to %s", args[0], args[1])
		},
	}
}

func (a *app) deleteUserCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "delete USER",
		Short: "Delete a user with their sessions, keys and projects; the logs of the keys stay",
		Long:  "Delete a user with their sessions, keys and projects; the logs of the keys stay.\nOn a terminal you are asked first.",
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: arguments(a.completeUsers),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.confirm(cmd.Context(), yes, "Delete the user %s, with all keys and projects, for ever?", args[0]); err != nil {
				return err
			}
			if _, err := a.onUser(cmd.Context(), args[0], remove); err != nil {
				return err
			}
			return a.done(json.RawMessage(`{"ok":true}`), "deleted %s", args[0])
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

// onUser sends a request about one user, named by id or e-mail address.
func (a *app) onUser(ctx context.Context, who string, about func(path string) call) (json.RawMessage, error) {
	id, err := a.userID(ctx, who)
	if err != nil {
		return nil, err
	}
	return a.onOne(ctx, usersPath, id, about)
}
