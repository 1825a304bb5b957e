package main

import (
	"context"
	"net/url"
	"strings"
)

// userID returns the id of a user who is named by id or e-mail address.
func (a *app) userID(ctx context.Context, who string) (string, error) {
	if !strings.Contains(who, "@") {
		return who, nil
	}
	items, err := a.pages(ctx, usersPath+"?"+url.Values{"search": {who}}.Encode(), "users", 0)
	if err != nil {
		return "", err
	}
	users, err := each[account](items)
	if err != nil {
		return "", err
	}
	for _, u := range users {
		if strings.EqualFold(u.Email, who) {
			return u.ID, nil
		}
	}
	return "", &failure{exitNotFound, "nobody has the address " + who}
}
