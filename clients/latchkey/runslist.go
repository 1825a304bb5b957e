package main

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"
)

type shownRun struct {
	ID        string
	Status    string
	ProjectID string `json:"project_id"`
	LastSeq   int    `json:"last_seq"`
	Started   string `json:"started_at"`
	Ended     string `json:"ended_at"`
}

func (a *app) runsListCommand() *cobra.Command {
	var project string
	var most int
	c := &cobra.Command{
		Use:     "list",
		Short:   "List runs, newest first: yours, or those of the API key's project",
		Long:    "List runs, newest first: yours, or those of the API key's project. A run that began a moment ago may be missing.",
		Example: `  latchkey runs list --json | jq -r '.[] | select(.status == "running") | .id'`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			query := url.Values{"limit": {strconv.Itoa(most)}}
			if project != "" {
				query.Set("project", project)
			}
			return a.showRuns(cmd.Context(), "/v1/runs?"+query.Encode(), func(body json.RawMessage) (runs []shownRun, err error) {
				return runs, json.Unmarshal(body, &runs)
			})
		},
	}
	c.Flags().StringVar(&project, "project", "", "only runs of the project with this id")
	_ = c.RegisterFlagCompletionFunc("project", a.completeProjects)
	c.Flags().IntVar(&most, "limit", 50, "the largest number of runs, 1 to 100")
	return c
}

func (a *app) runsGetCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "get ID",
		Short: "Show the state of a run",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := segment(args[0])
			if err != nil {
				return err
			}
			return a.showRuns(cmd.Context(), "/v1/runs/"+id, func(body json.RawMessage) ([]shownRun, error) {
				runs := make([]shownRun, 1)
				return runs, json.Unmarshal(body, &runs[0])
			})
		},
	}
}

// showRuns prints what the service answers: as it is, or a line a run, which read finds in it.
func (a *app) showRuns(ctx context.Context, path string, read func(json.RawMessage) ([]shownRun, error)) error {
	server, err := a.client()
	if err != nil {
		return err
	}
	body, err := a.send(ctx, server, get(path))
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(body)
	}
	runs, err := read(body)
	if err != nil {
		return err
	}
	rows := make([][]string, len(runs))
	for i, r := range runs {
		rows[i] = []string{r.ID, r.Status, r.ProjectID, strconv.Itoa(r.LastSeq), r.Started, r.Ended}
	}
	return a.printTable("ID STATUS PROJECT EVENTS STARTED ENDED", rows)
}
