package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	retention time.Duration
}

// A Request names a table that was restored, and the point in time that it shows.
type Request struct {
	From string       `json:"from"`
	At   time.Time    `json:"at"`
	Next *store.Place `json:"next"` // of the answer before, to go on
}

// An Answer says what was done. If Next is set, there is more to read: send it in another Request.
type Answer struct {
	store.Restored
	Next *store.Place `json:"next,omitempty"`
}

// onePage is more than a page takes.
const onePage = time.Minute

func (h handler) serve(ctx context.Context, r Request) (Answer, error) {
	if r.From == "" || r.At.IsZero() || r.At.After(time.Now()) {
		return Answer{}, errors.New(`send {"from": "latchkey-restored", "at": "2030-01-31T11:59:00Z"}`)
	}
	answer := Answer{Next: r.Next, Restored: store.NewRestored()}
	for first := true; first || answer.Next != nil; first = false {
		if deadline, ok := ctx.Deadline(); ok && !first && time.Until(deadline) < onePage {
			break
		}
		now := time.Now()
		done, next, err := h.store.RestoreMissing(ctx, store.Restoring{From: r.From, At: r.At, Now: now, Entry: func(action string) audit.Entry {
			e := audit.New(action, audit.Source{Actor: audit.Actor{Type: "unknown"}, Now: now}, h.retention)
			e.Detail = map[string]string{"restored_from": r.From}
			return e
		}}, answer.Next)
		answer.Add(done)
		if err != nil {
			return answer, err
		}
		answer.Next = next
	}
	slog.WarnContext(ctx, "items restored", "from", r.From, "copied", answer.Copied, "there", answer.There, "left_out", answer.LeftOut, "revoked", answer.Revoked, "disabled", answer.Disabled)
	return answer, nil
}
