package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	body := struct {
		Name      string `json:"name"`
		KeyPrefix string `json:"key_prefix"`
	}{KeyPrefix: apikey.DefaultPrefix}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	var wrong []problem.Field
	if message := apikey.LabelProblem(body.Name); message != "" {
		wrong = append(wrong, problem.Field{Field: "name", Message: message})
	}
	if !apikey.ValidPrefix(body.KeyPrefix) {
		wrong = append(wrong, problem.Field{Field: "key_prefix", Message: "must be 2 to 16 lower-case letters, digits and underscores, " +
			"begin with a letter, end with an underscore, and be none of sk_, ck_ and ro_"})
	}
	if wrong != nil {
		return gateway.Response{}, problem.Validation(wrong...)
	}
	made := project.New(p.UserID(), body.Name, body.KeyPrefix, r.Now)
	if err := h.store.CreateProject(ctx, made); err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(201, made.View()), nil
}
