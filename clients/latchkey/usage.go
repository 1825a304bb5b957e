package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/latchkey/latchkey/shared/report"
)

const usagePath = "/v1/usage"

// asked is what the flags of `latchkey usage` ask.
type asked struct {
	from, to, by, group    string
	project, customer, key string
	route, outcome         string
	csv                    bool
}

func (a *app) usageCommand() *cobra.Command {
	var q asked
	c := &cobra.Command{
		Use:   "usage",
		Short: "Show how often keys were used, by the hour or day",
		Long: `Show how often keys were used: those of your project, of --project, of a customer, one key or,
for an administrator, with --project '*' the whole deployment.

Without --from it is the last 30 days, or 24 hours with --by hour. Days and hours are those of UTC; one without
a use is left out. A use is counted within a minute.`,
		Example: `  latchkey usage --by hour --group outcome
  latchkey usage --from 2026-11-01 --to 2026-12-01 --group customer --csv > november.csv
  latchkey usage --from 7d --key 4Hk0pQzXw2LmN8sT --group route`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if q.csv && a.json {
				return usage("--csv and --json do not go together")
			}
			query, err := q.query(time.Now())
			if err != nil {
				return err
			}
			if q.csv {
				return a.usageAsCSV(cmd.Context(), query)
			}
			return a.usageAsTable(cmd.Context(), query)
		},
	}
	flags := c.Flags()
	flags.StringVar(&q.from, "from", "", "the first day or hour: 2026-11-01, 2026-11-01T12:00:00Z, or how long ago: 7d, 12h")
	flags.StringVar(&q.to, "to", "", "the first day or hour that does not count (default: what follows the current one)")
	flags.StringVar(&q.by, "by", "day", "what a row is about: hour or day")
	flags.StringVar(&q.group, "group", "", "a row for each key, customer, route, outcome or, with --project '*', project")
	flags.StringVar(&q.project, "project", "", "the id of the project, or '*' for the whole deployment")
	flags.StringVar(&q.customer, "customer", "", "only what the customer with this id used")
	flags.StringVar(&q.key, "key", "", "only the uses of the key with this id")
	flags.StringVar(&q.route, "route", "", `only this route: "GET /api/stats"`)
	flags.StringVar(&q.outcome, "outcome", "", "only this outcome: allowed, or the error code of a refusal")
	flags.BoolVar(&q.csv, "csv", false, "print CSV, for a spreadsheet or a bill")
	_ = c.RegisterFlagCompletionFunc("by", cobra.FixedCompletions([]cobra.Completion{"hour", "day"}, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("group", cobra.FixedCompletions([]cobra.Completion{"key", "customer", "route", "outcome", "project"}, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("project", a.completeProjects)
	_ = c.RegisterFlagCompletionFunc("key", a.completeKeys)
	return c
}

// query returns the parameters. A time that is given as how long ago begins where its day or hour does.
func (q asked) query(now time.Time) (url.Values, error) {
	from, err := q.begin(q.from, now)
	if err != nil {
		return nil, err
	}
	to, err := q.begin(q.to, now)
	if err != nil {
		return nil, err
	}
	query := url.Values{}
	for name, value := range map[string]string{
		"from": from, "to": to, "by": q.by, "group": q.group, "project_id": q.project, "customer_id": q.customer,
		"key_id": q.key, "route": q.route, "outcome": q.outcome,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query, nil
}

func (q asked) begin(text string, now time.Time) (string, error) {
	if text == "" || strings.Contains(text, "-") {
		return text, nil // the service reads it
	}
	at, err := ago(text, now)
	if err != nil {
		return "", usage("--from and --to are 2026-11-01, 2026-11-01T12:00:00Z, or how long ago: 7d, 12h")
	}
	length := 24 * time.Hour
	if q.by == "hour" {
		length = time.Hour
	}
	return at.UTC().Truncate(length).Format(time.RFC3339), nil
}

// ago returns the time that is so long before now; days are of 24 hours.
func ago(text string, now time.Time) (time.Time, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return now.AddDate(0, 0, -int(n)), err
	}
	length, err := time.ParseDuration(text)
	if length < 0 {
		err = fmt.Errorf("%s is in the future", text)
	}
	return now.Add(-length), err
}

// eachUsage reads every page of an answer.
func (a *app) eachUsage(ctx context.Context, query url.Values, take func(json.RawMessage, *report.Answer) error) error {
	server, err := a.client()
	if err != nil {
		return err
	}
	for {
		body, err := a.send(ctx, server, get(usagePath+"?"+query.Encode()))
		if err != nil {
			return err
		}
		var page report.Answer
		if err := json.Unmarshal(body, &page); err != nil {
			return err
		}
		if err := take(body, &page); err != nil || page.NextCursor == nil {
			return err
		}
		query.Set("cursor", *page.NextCursor)
	}
}

func (a *app) usageAsCSV(ctx context.Context, query url.Values) error {
	heading := true
	return a.eachUsage(ctx, query, func(_ json.RawMessage, page *report.Answer) error {
		err := page.WriteCSV(a.out, heading)
		heading = false
		return err
	})
}

// usageAsTable prints a table or, of each page, the JSON.
func (a *app) usageAsTable(ctx context.Context, query url.Values) error {
	heading := "START REQUESTS REFUSALS"
	var rows [][]string
	err := a.eachUsage(ctx, query, func(body json.RawMessage, page *report.Answer) error {
		if a.json {
			return a.printJSON(body)
		}
		groups := map[string]report.Group{}
		for _, g := range page.Groups {
			groups[g.ID()] = g
		}
		for _, row := range page.Usage {
			cells := []string{row.Start.Format(time.RFC3339)}
			if page.Group != nil {
				heading = "START " + strings.ToUpper(*page.Group) + " NAME REQUESTS REFUSALS"
				g := groups[row.ID()]
				cells = append(cells, row.ID(), g.Called())
			}
			rows = append(rows, append(cells, strconv.FormatInt(row.Requests, 10), strconv.FormatInt(row.Refusals, 10)))
		}
		return nil
	})
	if err != nil || a.json {
		return err
	}
	return a.printTable(heading, rows)
}
