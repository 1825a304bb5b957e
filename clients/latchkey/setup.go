package main

import (
	"context"
	"encoding/json"
	"strings"
)

// setUpFirst adds an authenticator app if the answer to a login says that the account must have a second
// factor and has none. Then it logs in again, and returns that answer.
func (a *app) setUpFirst(ctx context.Context, server *client, login call, body []byte, fromStdin bool) ([]byte, error) {
	var first struct {
		Required bool   `json:"mfa_setup_required"`
		Token    string `json:"mfa_setup_token"`
	}
	if err := json.Unmarshal(body, &first); err != nil || !first.Required {
		return body, err
	}
	if fromStdin {
		return nil, &failure{exitRefused, "your account must have a second factor, and has none: log in at a terminal, or at " + server.base + "/dashboard, and add one"}
	}
	as := func(call call) call { return call.with("Authorization", "Bearer "+first.Token) }
	begun, err := server.send(ctx, as(post("/v1/auth/factors", map[string]string{"type": "totp"})))
	if err != nil {
		return nil, err
	}
	var app struct{ ID, Secret, URI string }
	if err := json.Unmarshal(begun, &app); err != nil {
		return nil, err
	}
	a.note("Your account must have a second factor. Type this secret into an authenticator app, or give the app the address:\n\n  %s\n  %s\n\n", app.Secret, app.URI)
	code, err := a.secret(ctx, "The code that it shows", false, "")
	if err != nil {
		return nil, err
	}
	done, err := server.send(ctx, as(post("/v1/auth/factors/"+app.ID+"/confirm", map[string]string{"code": strings.TrimSpace(code)})))
	if err != nil {
		return nil, err
	}
	var confirmed struct {
		Codes []string `json:"recovery_codes"`
	}
	if err := json.Unmarshal(done, &confirmed); err != nil {
		return nil, err
	}
	a.note("Store these recovery codes. They are not shown again, and each signs you in once without the app:\n\n  %s\n\nNow sign in with the next code that the app shows, which takes up to 30 seconds.\n",
		strings.Join(confirmed.Codes, "\n  "))
	return server.send(ctx, login)
}
