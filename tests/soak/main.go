// Command soak puts a deployment on the local stack under a mixed load for some minutes, lets something go wrong
// each minute, and then compares the table with what was answered.
//
//	load ──► deployment ──► ledger: what was answered ─────────┐
//	           ▲                                               ├─► promises ─► findings
//	faults ────┘     table ──► items ──────────────────────────┤
//	                                                           └─► structure ─► findings
//
// A 5xx is a right answer only while a fault explains it, as a 503 with Retry-After, and the request repeated
// must succeed. `make soak` runs it and writes docs/soak.md.
//
// `soak audit` only checks the structure of the table TABLE_NAME: of any deployment whose audit log has not
// expired yet, while nothing changes it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/latchkey/latchkey/tests/caller"
	"github.com/latchkey/latchkey/tests/machine"
)

// settling is how long the last uses may take to be counted, and the log's deliveries to be repeated.
const settling = 90 * time.Second

func main() {
	minutes := flag.Int("minutes", 30, "how long")
	every := flag.Duration("every", time.Minute, "the time from a fault to the next")
	workers := flag.Int("workers", 8, "requests at once")
	report := flag.String("report", "", "the file to write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err == nil && flag.Arg(0) == "audit" {
		err = audit(ctx, cfg)
	} else if err == nil {
		err = soak(ctx, cfg, time.Duration(*minutes)*time.Minute, *every, *workers, *report)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func audit(ctx context.Context, cfg aws.Config) error {
	t, err := readTable(ctx, cfg, os.Getenv("TABLE_NAME"))
	if err != nil {
		return err
	}
	wrong := structure(t)
	for _, one := range wrong {
		fmt.Println(one)
	}
	fmt.Printf("%d items, %d findings\n", len(t.items), len(wrong))
	if len(wrong) > 0 {
		return errors.New("the table is not whole")
	}
	return nil
}

func soak(ctx context.Context, cfg aws.Config, lasts, every time.Duration, workers int, path string) error {
	e, err := newEmulator(cfg, os.Getenv("AWS_ENDPOINT_URL"), os.Getenv("LATCHKEY_LOG_FILE"))
	if err != nil {
		return err
	}
	api, err := caller.New(os.Getenv("API_URL"), workers)
	if err != nil {
		return err
	}
	l := &load{api: api, ledger: newLedger(), faults: &faults{emulator: e, every: every}, counts: map[string]map[string]int{}}
	admin, err := l.prepare(ctx)
	if err != nil {
		return err
	}
	began, commit := time.Now(), machine.Commit()
	stop, cancel := context.WithDeadline(ctx, began.Add(lasts))
	defer cancel()
	var all sync.WaitGroup
	for range workers {
		all.Go(func() { l.work(ctx, stop, l.deeds(admin)) })
	}
	err = l.faults.run(ctx, stop)
	cancel()
	all.Wait()
	if err != nil {
		return fmt.Errorf("a fault could not be made: %w", err)
	}
	took := time.Since(began)
	fmt.Printf("%s the load has ended; waiting for the last uses to be counted\n", moment(time.Now()))
	if err := pause(ctx, settling); err != nil {
		return err
	}
	t, err := readTable(ctx, cfg, os.Getenv("TABLE_NAME"))
	if err != nil {
		return err
	}
	return write(path, result{load: l, commit: commit, began: began, took: took, items: len(t.items), structure: append(structure(t), sums(t)...), promises: promises(t, l.ledger)})
}

// limitedTo is how many requests a window some keys have.
const limitedTo = 8

// prepare makes people and a first set of keys.
func (l *load) prepare(ctx context.Context) (admin caller.Person, err error) {
	if admin, err = l.api.LogIn(ctx, os.Getenv("ADMIN_EMAIL"), os.Getenv("ADMIN_PASSWORD")); err != nil {
		return admin, err
	}
	for range 4 {
		p, err := l.api.Register(ctx, admin, "soak", "member")
		if err != nil {
			return admin, err
		}
		l.ledger.people = append(l.ledger.people, p)
		l.ledger.publish(&credential{text: p.Token, kind: "session token"})
		if k := l.makeKey(ctx, p, map[string]any{"rate_limit": limitedTo}); k != nil {
			k.limited = limitedTo
		}
		for range fewest/4 + 2 {
			l.createKey(ctx)
		}
	}
	return admin, nil
}

// deeds are what changes the table, by their weights.
func (l *load) deeds(admin caller.Person) []deed {
	return []deed{
		{20, l.createKey}, {3, l.createFamily}, {12, l.revokeKey}, {4, l.deleteKey}, {6, l.regenerateKey}, {6, l.disableKey}, {8, l.issueToken},
		{8, l.logIn}, {2, l.logOut}, {15, l.refresh}, {20, l.appendEvents},
		{1, func(ctx context.Context) { l.register(ctx, admin) }},
	}
}
