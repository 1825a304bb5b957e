package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	retention time.Duration // of the audit log
}

// serve ends what was there when it was asked, however many there are. If the function dies midway, the
// same request goes on.
func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	current, err := owned.Session(p)
	if err != nil {
		return gateway.Response{}, err
	}
	asked := audit.New(audit.SessionsEnded, r.Source(p), h.retention)
	asked.Detail = map[string]string{"but": current}
	return gateway.NoContent(), h.store.EndOtherSessions(ctx, p.UserID(), current, asked)
}
