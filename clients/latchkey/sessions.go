package main

import (
	"encoding/json"

	"github.com/spf13/cobra"
)

const sessionsPath = "/v1/auth/sessions"

type shownSession struct {
	ID, Name, Address string
	Created           string `json:"created_at"`
	Used              string `json:"last_used_at"`
	Current           bool
}

func (a *app) sessionsCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "sessions",
		Short: "List and end your sessions: where you are signed in",
		Example: `  latchkey sessions list
  latchkey sessions end --others`,
	}, a.listSessionsCommand(), a.endSessionsCommand())
}

func (a *app) listSessionsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List your sessions, newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			items, err := a.pages(cmd.Context(), sessionsPath, "sessions", 0)
			if err != nil {
				return err
			}
			return printItems(a, items, "ID THIS FROM CREATED USED DEVICE", func(s shownSession) []string {
				this := ""
				if s.Current {
					this = "this"
				}
				return []string{s.ID, this, s.Address, s.Created, s.Used, s.Name}
			})
		},
	}
}

func (a *app) endSessionsCommand() *cobra.Command {
	var others bool
	c := &cobra.Command{
		Use:   "end {ID | --others}",
		Short: "End a session, or all but this one: the next request of it is refused",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case others == (len(args) == 1):
				return usage("give the id of a session, or --others")
			case others:
				server, err := a.client()
				if err == nil {
					_, err = a.send(cmd.Context(), server, remove(sessionsPath))
				}
				if err != nil {
					return err
				}
				return a.done(json.RawMessage(`{"ok":true}`), "all other sessions have ended")
			}
			if _, err := a.onOne(cmd.Context(), sessionsPath, args[0], remove); err != nil {
				return err
			}
			return a.done(json.RawMessage(`{"ok":true}`), "ended %s", args[0])
		},
	}
	c.Flags().BoolVar(&others, "others", false, "all your sessions but this one")
	return c
}
