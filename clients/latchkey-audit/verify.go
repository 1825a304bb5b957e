package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/store"
)

// verify checks all logs, prints those with findings, and tells how it ends.
func verify(ctx context.Context, s *store.Store, since time.Time, lines *json.Encoder, notes io.Writer) int {
	v := verifier{store: s, since: since, lines: lines}
	err := s.EachLog(ctx, func(keyID string) error { return v.log(ctx, keyID) })
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
	lines          *json.Encoder
	logs, notWhole int
	sum            chain.Report
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
		if r = log.Verify(v.since, time.Now()); len(r.Findings) == 0 {
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
