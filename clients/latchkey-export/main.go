// Command latchkey-export writes all that is in a deployment's table, but no secret, as JSON Lines:
// users, projects, keys, sessions, runs with their events, and the logs of keys. It is for the
// operator: it reads the table itself, with the AWS credentials of whoever runs it (dynamodb:Scan
// and dynamodb:BatchGetItem).
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/latchkey/latchkey/shared/release"
	"github.com/latchkey/latchkey/shared/store"
)

const help = "latchkey-export " + release.Version + `

usage: latchkey-export --table NAME > lines.jsonl

Each line is {"kind", "owner_id", "record"}: a record as the API shows it. It says on standard error
how many lines there are. It ends with 0, or with 1 if it could not read or write all of them.
`

const every = 10_000 // lines between two reports of progress

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, out, notes io.Writer) int {
	flags := flag.NewFlagSet("latchkey-export", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	table := flags.String("table", "", "")
	if flags.Parse(args) != nil || *table == "" || flags.NArg() > 0 {
		_, _ = io.WriteString(notes, help)
		return 2
	}
	if err := export(ctx, *table, out, notes); err != nil {
		_, _ = fmt.Fprintln(notes, err)
		return 1
	}
	return 0
}

func export(ctx context.Context, table string, out, notes io.Writer) error {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("failed to find AWS credentials: %w", err)
	}
	buffered := bufio.NewWriter(out)
	lines, written := json.NewEncoder(buffered), 0
	err = store.New(cfg, table).EachRecord(ctx, time.Now(), func(r store.Record) error {
		if written++; written%every == 0 {
			_, _ = fmt.Fprintf(notes, "%d lines …\n", written)
		}
		return lines.Encode(r)
	})
	if err = errors.Join(err, buffered.Flush()); err == nil {
		_, _ = fmt.Fprintf(notes, "%d lines\n", written)
	}
	return err
}
