// Command latchkey is the command line of a Latchkey deployment. It knows the
// service's HTTP API, and from package chain how to check a log.
//
//	command ─► client.go   sends, waits, repeats what is safe to repeat
//	             └► session.go   a token, refreshed before it expires
//	                  └► file.go   credentials.json, readable by its owner only
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{in: os.Stdin, out: os.Stdout, notes: os.Stderr}
	err := a.root().ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		return exitInterrupted
	}
	a.note("latchkey: %s\n", err)
	var failed *failure
	switch {
	case errors.As(err, &failed):
		return failed.exit
	case !a.began:
		a.note("see latchkey --help\n")
		return exitUsage
	}
	return exitFailure
}
