package account

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/paging"
	"github.com/latchkey/latchkey/shared/store"
)

// Log answers with a page of the log of a user's account. The log outlives the user, as a pseudonym's.
func Log(ctx context.Context, s *store.Store, r *gateway.Request, userID string) (gateway.Response, error) {
	page, err := paging.Read(r)
	if err != nil {
		return gateway.Response{}, err
	}
	head, err := s.HeadOfAccount(ctx, userID)
	if err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	entries, next, err := s.AccountLog(ctx, userID, page, r.Now)
	return paging.Log(entries, next, head, err)
}
