package main

import (
	"context"
	"encoding/json"
)

// passwordAndCode asks for the password, or reads it from standard input, with a code on the next line
// if there is one.
func (a *app) passwordAndCode(ctx context.Context, fromStdin, codeToo bool) (password, code string, err error) {
	if codeToo && !fromStdin {
		return "", "", usage("--code-stdin goes with --password-stdin")
	}
	if codeToo {
		lines, err := readLines(a.in, 2)
		if err != nil {
			return "", "", err
		}
		return lines[0], lines[1], nil
	}
	password, err = a.secret(ctx, "Password", fromStdin, "--password-stdin")
	return password, "", err
}

// secondStep completes a login if its answer says that a second factor is needed. It asks for a code
// where none was given.
func (a *app) secondStep(ctx context.Context, server *client, body []byte, code string) ([]byte, error) {
	var begun struct {
		Required bool     `json:"mfa_required"`
		Token    string   `json:"mfa_token"`
		Methods  []string `json:"methods"`
	}
	if err := json.Unmarshal(body, &begun); err != nil || !begun.Required {
		return body, err
	}
	if code == "" {
		var err error
		if code, err = a.secret(ctx, "Code, or a recovery code", false, "--code-stdin"); err != nil {
			return nil, err
		}
	}
	sent := codeOrRecovery(code)
	sent["mfa_token"] = begun.Token
	return server.send(ctx, post("/v1/auth/login/mfa", sent))
}
