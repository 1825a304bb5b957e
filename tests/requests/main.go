// Command requests sends generated requests to a deployment: every route, with good and bad credentials, paths,
// parameters, headers and bodies. No answer may be a 5xx, no 2xx may be given to who may not have it, and every answer
// must have the form that the document promises.
//
//	document ─► routes ─┐
//	world ─► credentials┴► generator ─► attempt: a request, and why a 2xx would be wrong
//	                                    └► answer ─► check ─► table, failures
//
// The rights are written down in rights.go, independently of the product. Make the deployment's rate limits high:
// `make requests` does all of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"

	"github.com/latchkey/latchkey/tests/caller"
)

func main() {
	n := flag.Int("n", 100_000, "how many requests")
	first := flag.Int("first", 0, "the number of the first request, to repeat some of a run")
	seed := flag.Uint64("seed", rand.Uint64N(1_000_000), "makes a run repeatable") //nolint:gosec // no secret
	workers := flag.Int("workers", 8, "how many at once")
	report := flag.String("report", "", "a file for the table")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *n, *first, *seed, *workers, *report); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, n, first int, seed uint64, workers int, path string) error {
	fmt.Printf("%d requests with the seed %d\n", n, seed)
	api, err := caller.New(os.Getenv("API_URL"), workers)
	if err != nil {
		return err
	}
	d, err := readDocument(ctx, api)
	if err != nil {
		return err
	}
	w, err := newWorld(ctx, api, os.Getenv("ADMIN_EMAIL"), os.Getenv("ADMIN_PASSWORD"))
	if err != nil {
		return fmt.Errorf("failed to make the things that requests are about: %w", err)
	}
	before, err := w.snapshot(ctx, w.bystander)
	if err != nil {
		return err
	}
	r := newReport(seed)
	newGenerator(w, d, seed).sendAll(ctx, first, n, workers, r)
	ctx = context.WithoutCancel(ctx) // who interrupts it gets a report of what was sent
	after, err := w.snapshot(ctx, w.bystander)
	if err != nil {
		return err
	}
	if after != before {
		r.fail("somebody's things were changed whose credentials nobody used:\n" + before + after)
	}
	return r.end(d, path)
}

// sendAll sends the requests from number first on, several at once.
func (g *generator) sendAll(ctx context.Context, first, n, workers int, r *report) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for ctx.Err() == nil {
				number := int(next.Add(1)) - 1
				if number >= n {
					return
				}
				a, err := g.make(ctx, first+number)
				if err != nil {
					r.fail(fmt.Sprintf("request %d could not be prepared: %v", first+number, err))
					continue
				}
				got, err := g.api.Send(ctx, a.request)
				if err != nil {
					r.fail(fmt.Sprintf("request %d got no answer: %v\n%s", a.number, err, curl(a)))
					continue
				}
				r.note(a, got, g.check(a, got))
				if (number+1)%10_000 == 0 {
					fmt.Printf("%d\n", number+1)
				}
			}
		})
	}
	all.Wait()
}
