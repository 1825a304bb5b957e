package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
)

// A subject is whose use of keys is asked for.
type subject struct {
	deployment    bool
	projects      []string // one, unless it is the deployment
	customer, key string   // of the project, or ""
	unnamed       bool     // what keys and customers are called is not the caller's business
}

// subject returns whose use the caller asks for, and RESOURCE_NOT_FOUND if it is not theirs to know. A
// customer's key learns what its customer used, and a person what was used in their projects and of their keys.
func (h handler) subject(ctx context.Context, r *gateway.Request, p gateway.Principal) (subject, error) {
	s := subject{customer: r.Query("customer_id"), key: r.Query("key_id"), unnamed: p.Customer() != ""}
	if own := p.Customer(); own != "" {
		if s.customer != "" && s.customer != own {
			return s, problem.NotFound
		}
		s.customer = own
	}
	id := r.Query("project_id")
	if id == owned.Everybody {
		if !p.Administrator() || s.customer != "" || s.key != "" {
			return s, problem.NotFound
		}
		return subject{deployment: true}, nil
	}
	in, err := h.project(ctx, r, p, s)
	if err == nil && id != "" && id != in {
		err = problem.NotFound
	}
	s.projects = []string{in}
	return s, err
}

// project returns the project in which the subject is.
func (h handler) project(ctx context.Context, r *gateway.Request, p gateway.Principal, s subject) (string, error) {
	in := ""
	if s.customer != "" {
		c, err := owned.Customer(ctx, h.store, p, s.customer)
		if err != nil {
			return "", err
		}
		in = c.Project
	}
	if s.key != "" {
		k, err := owned.UsedKey(ctx, h.store, p, s.key)
		if err == nil && (in != "" && k.Project != in || p.Customer() != "" && k.Customer != p.Customer()) {
			err = problem.NotFound
		}
		return k.Project, err
	}
	if in != "" {
		return in, nil
	}
	found, err := owned.OverseenProject(ctx, h.store, p, r.Query("project_id"))
	return found.ID, err
}
