package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/bulk"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	retention time.Duration
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if err := bulk.ByAdministrator(p); err != nil {
		return gateway.Response{}, err
	}
	summary, err := bulk.Do(ctx, r, func(ctx context.Context, text gateway.Line) (string, bool, error) {
		return h.one(ctx, r, p, text)
	})
	if err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(200, summary), nil
}

// one imports the key of a line.
func (h handler) one(ctx context.Context, r *gateway.Request, p gateway.Principal, text gateway.Line) (id string, created bool, err error) {
	var l line
	if err := text.JSON(&l); err != nil {
		return "", false, err
	}
	k, err := h.permitted(ctx, r, p, l)
	if err != nil {
		return "", false, err
	}
	entry := audit.New(audit.Created, r.Source(p), h.retention)
	entry.Detail = map[string]string{"imported": "true", "type": string(k.Type), "scopes": strings.Join(k.Scopes, " ")}
	created, err = h.store.ImportKey(ctx, k, entry)
	switch {
	case errors.Is(err, store.ErrDeleted):
		return "", false, problem.Duplicate.WithDetail("The key was imported before, and has been deleted since")
	case errors.Is(err, store.ErrConflict):
		return "", false, problem.Duplicate.WithDetail("Your account was disabled, or changed its role, at the same moment")
	case errors.Is(err, store.ErrDuplicate):
		return "", false, problem.Duplicate.WithDetail("Another key has this hash or identifier")
	}
	return k.ID, created, err
}

// permitted returns the key that a line asks for. It exceeds the administrator in no scope.
func (h handler) permitted(ctx context.Context, r *gateway.Request, p gateway.Principal, l line) (apikey.Key, error) {
	k, w, err := l.read(r.Now)
	if err != nil {
		return k, err
	}
	if k.Scopes, err = w.Granted(owned.UserAsMaker(p)); err != nil {
		return k, err
	}
	in, err := owned.Project(ctx, h.store, p, l.ProjectID)
	if errors.Is(err, problem.NotFound) {
		return k, problem.Validation(problem.Field{Field: "project_id", Message: "there is no such project"})
	}
	if err != nil {
		return k, err
	}
	k.Prefix = k.Type.Prefix(in.KeyPrefix)
	k.Owner, k.OwnerEmail, k.Project = p.UserID(), p.Email(), in.ID
	if l.CustomerID == "" {
		return k, nil
	}
	c, err := owned.Customer(ctx, h.store, p, l.CustomerID)
	if errors.Is(err, problem.NotFound) {
		return k, problem.Validation(problem.Field{Field: "customer_id", Message: "there is no such customer"})
	}
	if err != nil {
		return k, err
	}
	err = w.For(c, &k)
	return k, err
}
