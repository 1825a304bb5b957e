package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

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
	path, given, _ := strings.Cut(path, "?")
	query, err := url.ParseQuery(given)
	if err != nil {
		return err
	}
	for query.Set("limit", "100"); ; {
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

// printItems prints the items of a list, each as one row.
func printItems[T any](a *app, items []json.RawMessage, heading string, row func(T) []string) error {
	if a.json {
		return a.printJSON(items)
	}
	all, err := each[T](items)
	if err != nil {
		return err
	}
	rows := make([][]string, len(all))
	for i, item := range all {
		rows[i] = row(item)
	}
	return a.printTable(heading, rows)
}

// each reads the items of a list.
func each[T any](items []json.RawMessage) ([]T, error) {
	all := make([]T, len(items))
	for i, item := range items {
		if err := json.Unmarshal(item, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// pairs writes a map as name=value, sorted by name.
func pairs[V any](values map[string]V) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		words = append(words, fmt.Sprintf("%s=%v", name, values[name]))
	}
	return strings.Join(words, " ")
}
