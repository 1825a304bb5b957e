package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/store"
)

// verify checks all logs, prints those with findings, and tells how it ends.
func verify(ctx context.Context, s *store.Store, since time.Time, against copies, lines *json.Encoder, notes io.Writer) int {
	v := verifier{store: s, since: since, against: against, lines: lines}
	err := v.all(ctx)
	_, _ = fmt.Fprintf(notes, "%d logs, %d of them not whole: %d changes in chains, %d expired, %d of releases without a chain\n",
		v.logs, v.notWhole, v.sum.Chained, v.sum.Expired, v.sum.Unchained)
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
	err := v.store.EachLog(ctx, func(keyID string) error {
		delete(left, keyID)
		return v.log(ctx, keyID)
	})
	for keyID := range left {
		if err == nil {
			err = v.log(ctx, keyID)
		}
	}
	return err
}

func (v *verifier) log(ctx context.Context, keyID string) error {
	r, err := v.report(ctx, keyID)
	if err != nil {
		return err
	}
	v.logs++
	v.sum.Chained, v.sum.Expired, v.sum.Unchained = v.sum.Chained+r.Chained, v.sum.Expired+r.Expired, v.sum.Unchained+r.Unchained
	if len(r.Findings) == 0 {
		return nil
	}
	v.notWhole++
	return v.lines.Encode(struct {
		KeyID string `json:"key_id"`
		chain.Report
	}{keyID, r})
}

// readings is how often a log with findings is read: a change may come between two pages of it.
const readings = 3

func (v *verifier) report(ctx context.Context, keyID string) (r chain.Report, err error) {
	for range readings {
		log, err := v.store.Log(ctx, keyID)
		if err != nil {
			return r, err
		}
		r = log.Verify(v.since, time.Now())
		if r.Findings = append(r.Findings, v.against.compare(keyID, log.Entries, time.Now())...); len(r.Findings) == 0 {
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
