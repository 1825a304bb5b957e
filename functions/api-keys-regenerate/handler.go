package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	pepper    *secret.Source
	retention time.Duration
	maxGrace  int // seconds
	limits    ratelimit.Limits
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	var body struct {
		GraceSeconds int `json:"grace_seconds"`
	}
	if err := r.OptionalJSON(&body); err != nil {
		return gateway.Response{}, err
	}
	if body.GraceSeconds < 0 || body.GraceSeconds > h.maxGrace {
		return gateway.Response{}, problem.Validation(problem.Field{
			Field: "grace_seconds", Message: fmt.Sprintf("must be from 0 to %d", h.maxGrace),
		})
	}
	k, err := owned.OverseenKey(ctx, h.store, p, r.Path("id"))
	if err != nil {
		return gateway.Response{}, err
	}
	if !p.Reaches(k.Owner, k.Project) { // an administrator's session sees it
		return gateway.Response{}, problem.Forbidden.WithDetail("Only the owner of an API key may have its secret; an administrator may revoke it")
	}
	by, err := owned.Maker(ctx, h.store, p, h.limits, r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	if beyond := by.Exceeded(&k); beyond != nil {
		return gateway.Response{}, problem.Forbidden.WithDetail(
			"The API key exceeds the credential that would regenerate it, in its " + strings.Join(beyond, ", ") + "; its owner may do it, logged in")
	}
	// Before the change: after it, the answer with the new secret must not fail.
	if k, err = h.store.WithLastUse(ctx, k); err != nil {
		return gateway.Response{}, err
	}
	ring, err := h.pepper.Ring(ctx)
	if err != nil {
		return gateway.Response{}, err
	}
	full := apikey.New(k.Prefix, k.ID)
	entry := audit.New(audit.Regenerated, r.Source(p), h.retention)
	entry.Detail = map[string]string{"grace_seconds": strconv.Itoa(body.GraceSeconds)}
	var graceUntil int64
	if body.GraceSeconds > 0 {
		graceUntil = r.Now.Unix() + int64(body.GraceSeconds)
	}
	next, err := h.store.RegenerateKeyBy(ctx, by, k, ring.MAC(full), graceUntil, entry)
	switch {
	case errors.Is(err, store.ErrConflict) && !k.Ended(r.Now):
		return gateway.Response{}, problem.Duplicate.WithDetail("A key was changed at the same moment; try again")
	case errors.Is(err, store.ErrConflict):
		return gateway.Response{}, problem.KeyRevoked
	case err != nil:
		return gateway.Response{}, owned.Refusal(err)
	}
	view := next.View(r.Now)
	view.Key = full
	return gateway.JSON(200, view), nil
}
