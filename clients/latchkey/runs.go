package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) runsCommand() *cobra.Command {
	return group(&cobra.Command{Use: "runs", Short: "List, show and follow runs"}, a.runsListCommand(), a.runsGetCommand(), a.tailCommand())
}

func (a *app) tailCommand() *cobra.Command {
	var cursor string
	c := &cobra.Command{
		Use:   "tail ID",
		Short: "Print a run's events as they come, until it ends",
		Long: `Print a run's events, from the first one on, as they come. It ends when the run ends:
with 0 if the run passed, with 6 if it failed. With --json each event is a line.

If you end it earlier, it prints the --cursor to continue with.`,
		Example: `  latchkey runs tail run_Q4VJ5XO2ZK3T6MNA7YHB2CDEFG && deploy`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := segment(args[0])
			if err != nil {
				return err
			}
			server, err := a.client()
			if err != nil {
				return err
			}
			status, err := a.tail(cmd.Context(), server, "/v1/runs/"+id+"/events/stream", &cursor)
			if err != nil && cursor != "" {
				a.note("to go on: --cursor %s\n", cursor)
			}
			if err == nil && status == "fail" {
				return &failure{exitRunFailed, "the run has failed"}
			}
			return err
		},
	}
	c.Flags().StringVar(&cursor, "cursor", "", "continue where an earlier tail ended")
	return c
}

// tail prints what follows the cursor and moves it along, until the run has ended.
func (a *app) tail(ctx context.Context, server *client, path string, cursor *string) (status string, err error) {
	for {
		body, err := a.send(ctx, server, get(path+"?"+url.Values{"cursor": {*cursor}}.Encode()))
		if err != nil {
			return "", err
		}
		var page struct {
			Status      string
			Events      []json.RawMessage
			Cursor      string
			Finished    bool
			PollAfterMS int64 `json:"poll_after_ms"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return "", err
		}
		for _, event := range page.Events {
			if err := a.printEvent(event); err != nil {
				return "", err
			}
		}
		*cursor = page.Cursor
		if page.Finished {
			return page.Status, nil
		}
		if err := sleep(ctx, time.Duration(page.PollAfterMS)*time.Millisecond); err != nil {
			return "", err
		}
	}
}

// printEvent prints an event as it came, or what is the same in each, its text, and
// whatever else its writer put into it.
func (a *app) printEvent(event json.RawMessage) error {
	if a.json {
		_, err := fmt.Fprintln(a.out, string(event))
		return err
	}
	var fields map[string]any
	if err := json.Unmarshal(event, &fields); err != nil {
		return err
	}
	seq, at, kind, text := fields["seq"], fields["at"], fields["kind"], fields["text"]
	for _, shown := range []string{"seq", "at", "kind", "text"} {
		delete(fields, shown)
	}
	row := fmt.Sprintf("%v  %v  %v", seq, at, kind)
	if text != nil {
		row += fmt.Sprintf("  %v", text)
	}
	if len(fields) > 0 {
		rest, err := json.Marshal(fields)
		if err != nil {
			return err
		}
		row += "  " + string(rest)
	}
	_, err := fmt.Fprintln(a.out, printable(strings.ReplaceAll(row, "\n", " ")))
	return err
}
