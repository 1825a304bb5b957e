package main

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/newpassword"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct {
	store  *store.Store
	cost   password.Cost
	outbox outbox.Outbox

	retention time.Duration // of the audit log
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if p.Role() != user.Admin {
		return gateway.Response{}, problem.Forbidden.WithDetail("Only an administrator may register users")
	}
	if p.Type() != gateway.User && p.ExpiresAt() != 0 {
		return gateway.Response{}, problem.Forbidden.WithDetail("The account would outlive the credential that registers it: log in, or use a key that does not expire")
	}
	var body struct {
		Email    string  `json:"email"`
		Password *string `json:"password"` // absent for somebody who is invited
		Role     any     `json:"role"`     // any unrecognised value is a member: the runs dialect
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	var wrong []problem.Field
	email, err := user.Address(body.Email)
	if err != nil {
		wrong = append(wrong, problem.Field{Field: "email", Message: err.Error()})
	}
	if body.Password != nil {
		wrong = append(wrong, newpassword.Check(*body.Password, email)...)
	}
	if wrong != nil {
		return gateway.Response{}, problem.Validation(wrong...)
	}
	role, _ := body.Role.(string)
	u := user.New(email, user.RoleOf(role), r.Now)
	r.Concerns(u.ID)
	var invitation *outbox.Delivery
	if body.Password == nil {
		invitation, err = h.invite(ctx, r, p, u)
	} else {
		err = h.register(ctx, r, p, u, *body.Password)
	}
	if errors.Is(err, store.ErrDuplicate) {
		return gateway.Response{}, problem.Duplicate.WithDetail("The e-mail address is already registered")
	}
	if err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(201, struct {
		OK         bool             `json:"ok"`
		User       user.View        `json:"user"`
		Invitation *outbox.Delivery `json:"invitation,omitempty"`
	}{true, u.View(), invitation}), nil
}

// entry is the first entry of the account's log.
func (h handler) entry(r *gateway.Request, p gateway.Principal) audit.Entry {
	return audit.New(audit.Registered, r.Source(p), h.retention)
}

func (h handler) register(ctx context.Context, r *gateway.Request, p gateway.Principal, u user.User, password string) error {
	hash, err := h.cost.Hash(password)
	if err != nil {
		return err
	}
	return h.store.CreateUser(ctx, u, hash, h.entry(r, p))
}

// invite registers a user without a password, who chooses one by a link. Where the deployment sends mail,
// the link is made when it is sent.
func (h handler) invite(ctx context.Context, r *gateway.Request, p gateway.Principal, u user.User) (*outbox.Delivery, error) {
	at := r.Now
	u.InvitedAt = &at
	if h.outbox.Sends() {
		if err := h.store.CreateUser(ctx, u, "", h.entry(r, p)); err != nil {
			return nil, err
		}
		sent, err := h.outbox.Deliver(ctx, u, link.Invitation, r.Source(p))
		return &sent, err
	}
	l, token := link.New(u.ID, link.Invitation, r.Now)
	u.InvitationLink = &l
	shown := outbox.Shown(r, link.Invitation, token)
	made := audit.MadeLink(string(link.Invitation), audit.ByHand, r.Source(p), h.retention)
	return &shown, h.store.CreateUser(ctx, u, "", h.entry(r, p), made)
}
