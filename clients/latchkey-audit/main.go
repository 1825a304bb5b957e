// Command latchkey-audit checks the logs of all keys, accounts and customers in a deployment's table, and writes them out.
// It is for the operator: it reads the table itself, with the AWS credentials of whoever runs it
// (dynamodb:Scan and dynamodb:Query).
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/export"
	"github.com/latchkey/latchkey/shared/release"
	"github.com/latchkey/latchkey/shared/store"
)

const help = "latchkey-audit " + release.Version + `

usage: latchkey-audit verify --table NAME [--since 2030-01-31T11:00:00Z] [--against lines.jsonl]
       latchkey-audit export --table NAME [--since 2030-01-31T11:00:00Z] [--stack latchkey]

verify checks the chain of each key's, each account's and each customer's changes, and prints a line of
JSON for each whose log is not whole. It ends with 0 if there is none, with 7 if there is one, and with 1 if it could not
read them all. --since is when the last function of a release without a chain had ended: later
changes without a place in the chain are findings then, and earlier ones are not. --against is
an export (- for standard input): each entry in it must be in the table still, as it was.

export prints the entries of all logs since then, uses too, as the export to a bucket does: one
line of JSON each.
`

const (
	exitFailure  = 1
	exitUsage    = 2
	exitNotWhole = 7
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, out, notes io.Writer) int {
	flags := flag.NewFlagSet("latchkey-audit", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	table, from, stack := flags.String("table", "", ""), flags.String("since", "", ""), flags.String("stack", "latchkey", "")
	against := flags.String("against", "", "")
	var since time.Time
	if len(args) == 0 || flags.Parse(args[1:]) != nil || *table == "" || flags.NArg() > 0 ||
		*from != "" && since.UnmarshalText([]byte(*from)) != nil {
		return usage(notes)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return ended(notes, err)
	}
	s, lines := store.New(cfg, *table), json.NewEncoder(out)
	switch args[0] {
	case "verify":
		copied, err := readCopy(*against)
		if err != nil {
			return ended(notes, err)
		}
		return verify(ctx, s, since, copied, lines, notes)
	case "export":
		return ended(notes, s.EachEntry(ctx, since, func(e audit.Entry) error { return lines.Encode(export.LineOf(e, *stack)) }))
	}
	return usage(notes)
}

func usage(notes io.Writer) int {
	_, _ = io.WriteString(notes, help)
	return exitUsage
}

func ended(notes io.Writer, err error) int {
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintln(notes, err)
	return exitFailure
}
