package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/store"
)

// verify checks all logs, prints those with findings, and tells how it ends.
func verify(ctx context.Context, s *store.Store, since time.Time, against copies, lines *json.Encoder, notes io.Writer) int {
	v := verifier{store: s, since: since, against: against, lines: lines}
	err := v.all(ctx)
	_, _ = fmt.Fprintf(notes, "%d logs, %d of them not whole: %d changes in chains, %d expired, %d of releases without a chain, %d without the person\n",
		v.logs, v.notWhole, v.sum.Chained, v.sum.Expired, v.sum.Unchained, v.sum.Erased)
	if err == nil && v.notWhole > 0 {
		return exitNotWhole
	}
	return ended(notes, err)
}

type verifier struct {
	store          *store.Store
	since          time.Time
	against        copies
	lines          *json.Encoder
	logs, notWhole int
	sum            chain.Report
}

// all checks the logs in the table, and then those that only the copy has.
func (v *verifier) all(ctx context.Context) error {
	left := maps.Clone(v.against)
	err := v.store.EachLog(ctx, func(id string) error {
		delete(left, id)
		return v.log(ctx, id)
	})
	for id := range left {
		if err == nil {
			err = v.log(ctx, id)
		}
	}
	return err
}

func (v *verifier) log(ctx context.Context, id string) error {
	r, err := v.report(ctx, id)
	if err != nil {
		return err
	}
	v.logs++
	v.sum.Chained, v.sum.Expired = v.sum.Chained+r.Chained, v.sum.Expired+r.Expired
	v.sum.Unchained, v.sum.Erased = v.sum.Unchained+r.Unchained, v.sum.Erased+r.Erased
	if len(r.Findings) == 0 {
		return nil
	}
	v.notWhole++
	line := struct {
		KeyID      string `json:"key_id,omitempty"`
		UserID     string `json:"user_id,omitempty"`
		CustomerID string `json:"customer_id,omitempty"`
		chain.Report
	}{Report: r}
	switch {
	case audit.AccountLog(id):
		line.UserID = id
	case audit.CustomerLog(id):
		line.CustomerID = id
	default:
		line.KeyID = id
	}
	return v.lines.Encode(line)
}

// readings is how often a log with findings is read: a change may come between two pages of it.
const readings = 3

func (v *verifier) report(ctx context.Context, id string) (r chain.Report, err error) {
	for range readings {
		log, err := v.store.Log(ctx, id)
		if err != nil {
			return r, err
		}
		r = log.Verify(v.since, time.Now())
		if r.Findings = append(r.Findings, v.against.compare(id, log.Entries, time.Now())...); len(r.Findings) == 0 {
			return r, nil
		}
		select {
		case <-ctx.Done():
			return r, errors.New("interrupted")
		case <-time.After(200 * time.Millisecond):
		}
	}
	return r, nil
}
