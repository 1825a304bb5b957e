package main

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

// answer is a page of events. PollAfterMS is 0 if more events are already there, and if the run
// is finished and there is nothing left to poll for.
type answer struct {
	OK          bool              `json:"ok"`
	Status      string            `json:"status"`
	Events      []json.RawMessage `json:"events"`
	Cursor      string            `json:"cursor"`
	Finished    bool              `json:"finished"` // the run has ended, and these are its last events
	PollAfterMS int64             `json:"poll_after_ms"`
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	limit, err := r.QueryInt("limit", 100, 1, 1000)
	if err != nil {
		return gateway.Response{}, err
	}
	found, err := owned.Run(ctx, h.store, p, r.Path("id"), r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	after, err := found.After(r.Query("cursor"))
	if err != nil {
		return gateway.Response{}, problem.InvalidParameter.WithDetail("cursor does not come from a poll of this run")
	}
	batches, err := h.store.Events(ctx, found, after, limit)
	if err != nil {
		return gateway.Response{}, err
	}
	events, last, err := run.Events(batches, after, limit)
	if err != nil {
		return gateway.Response{}, err
	}
	res := answer{OK: true, Status: found.Status, Events: events, Cursor: found.Cursor(last)}
	var wait time.Duration
	if last == found.LastSeq {
		res.Finished, wait = found.Finished(), found.PollAfter(r.Now)
	}
	res.PollAfterMS = wait.Milliseconds()
	out := gateway.JSON(200, res)
	if wait > 0 { // rounded up, so that both numbers are late enough
		out.Header = map[string]string{"Retry-After": strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10)}
	}
	return out, nil
}
