package main

import (
	"context"
	"math/rand/v2"
	"time"
)

// always is in force for the whole run: of a hundred calls of the table one is throttled, and of a hundred writes
// one meets a transaction. Nobody may notice.
var always = settings{"throttle_rate": 0.01, "conflict_rate": 0.01}

// resets are a call that the table does not get, and one that it serves and whose answer is lost.
var resets = []string{"reset", "lost"}

// schedule has the faults in the order in which they come, one a minute, again and again.
var schedule = []fault{
	{name: "all idle processes end, with SIGTERM", begin: killing(true)},
	{name: "the table throttles a third of all calls", lasts: true,
		begin: setting(settings{"throttle_rate": 0.33}), end: settings{"throttle_rate": 0.01}},
	{name: "the signing secret is rotated", begin: rotating("SigningRotateFunction", "SigningSecret"), clean: true},
	{name: "processes are killed at work, without a warning", lasts: true, begin: massacre},
	{name: "a fifth of all connections to the table is reset", lasts: true,
		begin: setting(settings{"fault_rate": 0.2, "faults": resets}), end: settings{"fault_rate": 0}},
	{name: "a third of all writes meets a transaction", lasts: true,
		begin: setting(settings{"conflict_rate": 0.33}), end: settings{"conflict_rate": 0.01}},
	{name: "Secrets Manager fails, and all processes begin anew", lasts: true, begin: secretless, end: settings{}},
	{name: "a tenth of the table's answers takes two seconds", lasts: true,
		begin: setting(settings{"slow_rate": 0.1, "slow_ms": 2000}), end: settings{"slow_rate": 0, "slow_ms": 0}},
	{name: "the pepper is rotated", begin: rotating("PepperRotateFunction", "PepperSecret"), clean: true},
	{name: "all idle processes are killed", begin: killing(false)},
	{name: "transactions hold their items for half a second", lasts: true,
		begin: setting(settings{"hold_ms": 500}), end: settings{"hold_ms": 10}},
	{name: "a tenth of the table's answers comes after any function has given up", lasts: true,
		begin: setting(settings{"slow_rate": 0.1, "slow_ms": 12000}), end: settings{"slow_rate": 0, "slow_ms": 0}},
	{name: "Lambda runs no more than three processes at once", lasts: true, begin: crowded, end: settings{}},
	{name: "lists lag by two seconds", lasts: true, begin: setting(settings{"lag_ms": 2000}), end: settings{"lag_ms": 100}, clean: true},
	{name: "resets, throttles and kills at once", lasts: true, begin: everything,
		end: settings{"fault_rate": 0, "throttle_rate": 0.01}},
}

func setting(s settings) func(context.Context, *emulator, time.Time) error {
	return func(ctx context.Context, e *emulator, _ time.Time) error { return e.set(ctx, s) }
}

func killing(sigterm bool) func(context.Context, *emulator, time.Time) error {
	return func(ctx context.Context, e *emulator, _ time.Time) error { return e.killIdle(ctx, sigterm) }
}

func rotating(function, secret string) func(context.Context, *emulator, time.Time) error {
	return func(ctx context.Context, e *emulator, _ time.Time) error { return e.rotate(ctx, function, secret) }
}

// massacre kills a process of any function every fifth of a second, whatever it is doing.
func massacre(ctx context.Context, e *emulator, end time.Time) error {
	for time.Now().Before(end) {
		if alive := e.processes(); len(alive) > 0 {
			e.kill(alive[rand.IntN(len(alive))]) //nolint:gosec // any one
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

func secretless(ctx context.Context, e *emulator, _ time.Time) error {
	if err := e.failSecrets(ctx, true); err != nil {
		return err
	}
	return e.killIdle(ctx, false)
}

func crowded(ctx context.Context, e *emulator, _ time.Time) error { return e.concurrency(ctx, 3) }

func everything(ctx context.Context, e *emulator, end time.Time) error {
	if err := e.set(ctx, settings{"fault_rate": 0.05, "faults": resets, "throttle_rate": 0.1}); err != nil {
		return err
	}
	return massacre(ctx, e, end)
}
