package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

// answer has the numbers that this request's events got.
type answer struct {
	OK     bool   `json:"ok"`
	Status string `json:"status"`
	First  int    `json:"first_seq"`
	Last   int    `json:"last_seq"`
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	var body request
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	wanted, err := body.read()
	if err != nil {
		return gateway.Response{}, err
	}
	wanted.At = r.Now
	if wanted.Once, err = once(r, p); err != nil {
		return gateway.Response{}, err
	}
	found, err := owned.Run(ctx, h.store, p, r.Path("id"), r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	done, err := h.store.AppendEvents(ctx, found, wanted)
	switch {
	case errors.Is(err, store.ErrConflict):
		return gateway.Response{}, problem.Duplicate.WithDetail("The run has already ended: no event can follow")
	case errors.Is(err, store.ErrDuplicate):
		return gateway.Response{}, problem.Validation(problem.Field{
			Field: idempotencyKey, Message: "was already used for a different request to this run",
		})
	case err != nil:
		return gateway.Response{}, owned.Refusal(err)
	}
	return gateway.JSON(202, answer{true, done.Status, done.First, done.Last}), nil
}

// idempotencyKey is the header that lets a writer repeat a request whose answer was lost
// (draft-ietf-httpapi-idempotency-key-header).
const idempotencyKey = "Idempotency-Key"

// once reads that header, if it was sent. The same value from another caller is another key.
func once(r *gateway.Request, p gateway.Principal) (*run.Once, error) {
	key := r.Header(idempotencyKey)
	if key == "" {
		return nil, nil
	}
	if len(key) > 255 || strings.ContainsFunc(key, func(c rune) bool { return c < '!' || c > '~' }) {
		return nil, problem.InvalidParameter.WithDetail(idempotencyKey + " must have 1 to 255 visible ASCII characters")
	}
	body, err := r.Body()
	return &run.Once{ID: digest(p.ID() + " " + key), Digest: digest(string(body))}, err
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
