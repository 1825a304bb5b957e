package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// A person waits for a completion, so it does not wait for the service much longer than a keystroke.
const completionTime = 3 * time.Second

var keyTypes = []cobra.Completion{"scoped", "secret", "client", "read_only"}

// completeKeys offers the ids of the caller's keys, with their labels.
func (a *app) completeKeys(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.complete(cmd, func(ctx context.Context) ([]cobra.Completion, error) {
		items, err := a.pages(ctx, keysPath, "api_keys", 0)
		if err != nil {
			return nil, err
		}
		keys, err := each[key](items)
		var found []cobra.Completion
		for _, k := range keys {
			found = append(found, cobra.CompletionWithDesc(k.ID, printable(k.Label)))
		}
		return found, err
	})
}

// completeScopes offers scopes, also after a comma.
func (a *app) completeScopes(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndex(typed, ",")+1]
	return a.complete(cmd, func(ctx context.Context) ([]cobra.Completion, error) {
		scopes, err := a.scopes(ctx)
		var found []cobra.Completion
		for _, name := range slices.Sorted(maps.Keys(scopes)) {
			found = append(found, cobra.CompletionWithDesc(before+name, scopes[name]))
		}
		return found, err
	})
}

// complete asks for completions, and says nothing if there are none: an error would stand in the line that is typed.
func (a *app) complete(cmd *cobra.Command, ask func(context.Context) ([]cobra.Completion, error)) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
	defer cancel()
	a.noWait = true
	found, err := ask(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError | cobra.ShellCompDirectiveNoFileComp
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}
