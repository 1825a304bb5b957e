// Command latchkey-audit checks the logs of all keys in a deployment's table, and writes them out.
// It is for the operator: it reads the table itself, with the AWS credentials of whoever runs it
// (dynamodb:Scan and dynamodb:Query).
package main

import (
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

	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/store"
)

const help = `usage: latchkey-audit verify --table NAME [--since 2030-01-31T11:00:00Z]

verify checks the chain of each key's changes, and prints a line of JSON for each key whose log
is not whole. It ends with 0 if there is none, with 7 if there is one, and with 1 if it could not
read them all. --since is when the last function of a release without a chain had ended: later
changes without a place in the chain are findings then, and earlier ones are not.
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
	table, from := flags.String("table", "", ""), flags.String("since", "", "")
	var since time.Time
	if len(args) == 0 || args[0] != "verify" || flags.Parse(args[1:]) != nil || *table == "" || flags.NArg() > 0 ||
		*from != "" && since.UnmarshalText([]byte(*from)) != nil {
		_, _ = io.WriteString(notes, help)
		return exitUsage
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	v := verifier{store: store.New(cfg, *table), since: since, out: json.NewEncoder(out)}
	if err == nil {
		err = v.all(ctx)
	}
	_, _ = fmt.Fprintf(notes, "%d logs, %d of them not whole: %d changes in chains, %d expired, %d of releases without a chain\n",
		v.logs, v.notWhole, v.sum.Chained, v.sum.Expired, v.sum.Unchained)
	switch {
	case err != nil:
		_, _ = fmt.Fprintln(notes, err)
		return exitFailure
	case v.notWhole > 0:
		return exitNotWhole
	}
	return 0
}

type verifier struct {
	store          *store.Store
	since          time.Time
	out            *json.Encoder
	logs, notWhole int
	sum            chain.Report
}

func (v *verifier) all(ctx context.Context) error {
	return v.store.EachLog(ctx, func(keyID string) error {
		r, err := v.one(ctx, keyID)
		if err != nil {
			return err
		}
		v.logs++
		v.sum.Chained, v.sum.Expired, v.sum.Unchained = v.sum.Chained+r.Chained, v.sum.Expired+r.Expired, v.sum.Unchained+r.Unchained
		if len(r.Findings) == 0 {
			return nil
		}
		v.notWhole++
		return v.out.Encode(struct {
			KeyID string `json:"key_id"`
			chain.Report
		}{keyID, r})
	})
}

// readings is how often a log with findings is read: a change may come between two pages of it.
const readings = 3

func (v *verifier) one(ctx context.Context, keyID string) (r chain.Report, err error) {
	for range readings {
		log, err := v.store.Log(ctx, keyID)
		if err != nil {
			return r, err
		}
		if r = log.Verify(v.since, time.Now()); len(r.Findings) == 0 {
			return r, nil
		}
		if err := wait(ctx); err != nil {
			return r, err
		}
	}
	return r, nil
}

func wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return errors.New("interrupted")
	case <-time.After(200 * time.Millisecond):
		return nil
	}
}
