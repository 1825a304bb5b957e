package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct{ store *store.Store }

type credential struct {
	Type      gateway.PrincipalType `json:"type"`
	ID        string                `json:"id"` // of the session, or of the key
	Scopes    []string              `json:"scopes"`
	ExpiresAt *time.Time            `json:"expires_at"`
}

func (h handler) serve(ctx context.Context, _ *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	u, err := owned.User(ctx, h.store, p)
	if err != nil {
		return gateway.Response{}, err
	}
	c := credential{Type: p.Type(), ID: p.KeyID() + p.SessionID(), Scopes: append([]string{}, p.Scopes()...)} // none is [], not null
	if p.ExpiresAt() != 0 {
		at := time.Unix(p.ExpiresAt(), 0).UTC()
		c.ExpiresAt = &at
	}
	return gateway.JSON(200, struct {
		OK         bool       `json:"ok"`
		User       user.View  `json:"user"`
		Credential credential `json:"credential"`
	}{true, u, c}), nil
}
