package main

import (
	"context"
	"fmt"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store *store.Store
	most  int // projects of an owner; 0 is no bound
}

// A project that a key creates belongs to the key's owner. The key stays in its own project, and
// does not see the new one.
func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	var body request
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	wanted, err := body.read()
	if err != nil {
		return gateway.Response{}, err
	}
	if h.most > 0 {
		full, err := h.store.HasProjects(ctx, p.UserID(), h.most)
		if err != nil {
			return gateway.Response{}, err
		}
		if full {
			return gateway.Response{}, problem.Full(fmt.Sprintf("its owner has %d projects, the most in this deployment", h.most))
		}
	}
	made := project.New(p.UserID(), wanted.Name, wanted.KeyPrefix, r.Now)
	made.Color = wanted.Color
	r.Concerns(made.ID)
	if err := h.store.CreateProject(ctx, made); err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(201, made.View()), nil
}
