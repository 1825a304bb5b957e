package main

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

// few are the messages about sign-ins that somebody gets: a program that signs in from everywhere fills no mailbox.
var few = ratelimit.Limit{Category: ratelimit.Auth, Max: 5, Window: time.Hour}

// wanted reports whether a user is to be told of a sign-in: not of their first one, and not of too many.
func (h handler) wanted(ctx context.Context, userID string, s outbox.NewDevice) (bool, error) {
	first, err := h.first(ctx, userID, s.Session)
	if err != nil || first {
		return false, err
	}
	_, err = h.store.CountPublic(ctx, "told:"+userID, &few, time.Now())
	if errors.Is(err, store.ErrLimited) {
		return false, nil
	}
	return err == nil, err
}

// first reports whether a session is from the first sign-in to an account. The account's log tells: it has
// the beginning of the account, and no other sign-in but those that only could add a second factor.
func (h handler) first(ctx context.Context, userID, session string) (bool, error) {
	began := false
	for page := (store.Page{Limit: 100}); ; {
		entries, next, err := h.store.AccountLog(ctx, userID, page, time.Now())
		if err != nil {
			return false, err
		}
		for _, e := range entries {
			if e.Action == audit.SignedIn && e.Detail["session"] != session && e.Detail["only"] == "" {
				return false, nil
			}
			began = began || e.Action == audit.Registered || e.Action == audit.Imported
		}
		if page.After = next; next == "" {
			return began, nil
		}
	}
}
