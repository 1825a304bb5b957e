package main

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// A person waits for a completion, so it does not wait for the service much longer than a keystroke.
const completionTime = 3 * time.Second

var (
	keyTypes = []cobra.Completion{"scoped", "secret", "client", "read_only"}
	roles    = []cobra.Completion{"admin", "member"}
)

// A completer offers what may stand next in a line.
type completer = func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective)

// completeKeys offers the ids of the caller's keys, with their labels.
func (a *app) completeKeys(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return arguments(completeList(a, keysPath, "api_keys", func(k key) (string, string) { return k.ID, k.Label }))(cmd, args, typed)
}

// completeUsers offers e-mail addresses.
func (a *app) completeUsers(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	path := usersPath + "?" + url.Values{"search": {typed}}.Encode()
	return completeList(a, path, "users", func(u account) (string, string) { return u.Email, u.Role })(cmd, nil, typed)
}

// completeCustomers offers external ids, with names.
func (a *app) completeCustomers(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	path := customersPath + "?" + given("search", typed).Encode()
	return completeList(a, path, "customers", func(c customer) (string, string) { return c.ExternalID, c.Name })(cmd, nil, typed)
}

// completeProjects offers the ids of the caller's projects, with their names.
func (a *app) completeProjects(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return completeList(a, projectsPath, "projects", func(p project) (string, string) { return p.ID, p.Name })(cmd, nil, typed)
}

// arguments completes each argument of a command by its own completer, and none after them.
func arguments(each ...completer) completer {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= len(each) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return each[len(args)](cmd, args, typed)
	}
}

// offered is how many items of a list are offered at most.
const offered = 100

// completeList offers the items of a list of the service, each as a word and what it is.
func completeList[T any](a *app, path, field string, of func(T) (word, what string)) completer {
	return func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return a.complete(cmd, func(ctx context.Context) ([]cobra.Completion, error) {
			items, err := a.pages(ctx, path, field, offered)
			if err != nil {
				return nil, err
			}
			list, err := each[T](items)
			var found []cobra.Completion
			for _, one := range list {
				word, what := of(one)
				found = append(found, cobra.CompletionWithDesc(word, printable(what)))
			}
			return found, err
		})
	}
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
