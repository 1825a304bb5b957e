package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
)

// ownLogCommand shows the log of the account that is signed in.
func (a *app) ownLogCommand() *cobra.Command {
	var most int
	c := &cobra.Command{
		Use:   "log",
		Short: "Show what happened to your account, newest first: sign-ins, refusals, changes",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.showAccountLog(cmd.Context(), "/v1/auth/log", most)
		},
	}
	mostEntries(c, &most)
	return c
}

func (a *app) userLogCommand() *cobra.Command {
	var most int
	c := &cobra.Command{
		Use:   "log USER",
		Short: "Show what happened to a user's account, newest first; by id also after it was deleted",
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: arguments(a.completeUsers),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := a.userID(cmd.Context(), args[0])
			if err == nil {
				id, err = segment(id)
			}
			if err != nil {
				return err
			}
			return a.showAccountLog(cmd.Context(), usersPath+"/"+id+"/log", most)
		},
	}
	mostEntries(c, &most)
	return c
}

func mostEntries(c *cobra.Command, most *int) {
	c.Flags().IntVar(most, "limit", 50, "the largest number of entries; 0 for all")
}

func (a *app) showAccountLog(ctx context.Context, path string, most int) error {
	items, err := a.pages(ctx, path, "entries", most)
	if err != nil {
		return err
	}
	return printItems(a, items, "AT ACTION BY FROM COUNT DETAIL", func(e entry) []string {
		return []string{e.when(), e.Action, e.Actor.Type + " " + e.Actor.ID, e.Address, number(e.Count), strings.TrimSpace(e.Label + " " + pairs(e.Detail))}
	})
}
