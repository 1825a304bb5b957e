package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct{ accounts account.Accounts }

// first is the first page of each list. The lists themselves have the others, with ?owner= and the
// cursor.
var first = store.Page{Limit: 50}

type answer struct {
	user.Account
	Sessions     []session.View `json:"sessions"`
	SessionsNext *store.Cursor  `json:"sessions_next_cursor"` // for GET /v1/auth/sessions?owner=
	Keys         []apikey.View  `json:"api_keys"`
	KeysNext     *store.Cursor  `json:"api_keys_next_cursor"` // for GET /v1/api-keys?owner=
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	u, err := h.accounts.Of(ctx, r, p)
	if err != nil {
		return gateway.Response{}, err
	}
	sessions, nextSession, err := h.accounts.Store.Sessions(ctx, u.ID, p.SessionOf(u.ID), first)
	if err != nil {
		return gateway.Response{}, err
	}
	keys, nextKey, err := h.accounts.Store.Keys(ctx, u.ID, first)
	if err != nil {
		return gateway.Response{}, err
	}
	a := answer{u.Account(), []session.View{}, nextSession.OrNil(), []apikey.View{}, nextKey.OrNil()}
	for _, s := range sessions {
		if s.Check(r.Now) == nil {
			a.Sessions = append(a.Sessions, s.View(p.SessionID()))
		}
	}
	for _, k := range keys {
		a.Keys = append(a.Keys, k.View(r.Now))
	}
	return gateway.JSON(200, a), nil
}
