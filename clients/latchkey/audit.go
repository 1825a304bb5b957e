package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
)

func (a *app) auditCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "audit",
		Short: "Check that the log of a key or a customer is whole",
	}, a.verifyCommand())
}

func (a *app) verifyCommand() *cobra.Command {
	var since string
	c := &cobra.Command{
		Use:   "verify ID",
		Short: "Check that no change was removed from the log of a key or a customer, altered, inserted or moved",
		Long: `Check that no change was removed from the log of a key or a customer, altered, inserted or moved.

The entries that record a change are a chain: each has the hash of the
one before, and the head of the chain, which is kept apart, has that of the
newest. Entries that their retention has ended are no finding. Each finding is
printed, and ends the command with 7.`,
		Example: `  latchkey audit verify 4Hk0pQzXw2LmN8sT
  latchkey audit verify 4Hk0pQzXw2LmN8sT --since 2030-01-31T11:00:00Z   # when the upgrade to a release with a chain was done`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := readTime(since)
			if err != nil {
				return err
			}
			report, err := a.verifyLog(cmd.Context(), args[0], from)
			if err != nil {
				return err
			}
			return a.printReport(args[0], report)
		},
	}
	c.Flags().StringVar(&since, "since", "", "time until which releases without a chain wrote to the log")
	return c
}

func readTime(text string) (t time.Time, err error) {
	if text == "" {
		return t, nil
	}
	if t, err = time.Parse(time.RFC3339, text); err != nil {
		return t, usage("--since is a time such as 2030-01-31T11:00:00Z")
	}
	return t, nil
}

// readings is how often a log with findings is read: a change may come while it is read, and then
// the head and the entries are not of the same moment.
const readings = 3

func (a *app) verifyLog(ctx context.Context, id string, since time.Time) (report chain.Report, err error) {
	for reading := 1; ; reading++ {
		head, entries, err := a.wholeLog(ctx, id)
		if err != nil {
			return report, err
		}
		report = chain.Verify(*head, entries, since, time.Now())
		if len(report.Findings) == 0 || reading == readings {
			return report, nil
		}
		if err := sleep(ctx, time.Second); err != nil {
			return report, err
		}
	}
}

// wholeLog reads all of the log of a key or a customer, and the head that its first page names.
func (a *app) wholeLog(ctx context.Context, id string) (head *audit.Head, entries []chain.Entry, err error) {
	escaped, err := segment(id)
	if err != nil {
		return nil, nil, err
	}
	path := keysPath + "/" + escaped + "/audit-log"
	if audit.CustomerLog(id) {
		path = customersPath + "/" + escaped + "/log"
	}
	err = a.eachPage(ctx, path, func(page map[string]json.RawMessage) (more bool, err error) {
		var texts []json.RawMessage
		if err := json.Unmarshal(page["entries"], &texts); err != nil {
			return false, err
		}
		if first := head == nil; first {
			head = &audit.Head{}
			if err := json.Unmarshal(page["head"], head); err != nil {
				return false, fmt.Errorf("the answer has no head; is the deployment of a release with a chain? %w", err)
			}
		}
		for _, text := range texts {
			e, err := chain.Read(text)
			if err != nil {
				return false, err
			}
			entries = append(entries, e)
		}
		return true, nil
	})
	return head, entries, err
}

func (a *app) printReport(id string, r chain.Report) error {
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else if err := a.printFindings(id, r); err != nil {
		return err
	}
	if n := len(r.Findings); n > 0 {
		return &failure{exitNotWhole, fmt.Sprintf("the log of %s is not whole: %d findings", id, n)}
	}
	return nil
}

func (a *app) printFindings(id string, r chain.Report) error {
	if len(r.Findings) == 0 {
		a.note("the log of %s is whole: %d changes in the chain, %d expired, %d of releases without a chain\n", id, r.Chained, r.Expired, r.Unchained)
		return nil
	}
	rows := make([][]string, len(r.Findings))
	for i, f := range r.Findings {
		rows[i] = []string{f.Kind, number(f.Seq), f.Entry, f.Text}
	}
	return a.printTable("FINDING PLACE ENTRY WHAT", rows)
}
