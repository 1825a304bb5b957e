package main

import (
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/user"
)

// callerOf is the identity as functions learn of it (docs/context.md).
func callerOf(i authn.Identity) gateway.Caller {
	c := gateway.Caller{Project: i.Project(), Scopes: i.Scopes, ExpiresAt: i.Expires}
	if i.Session != nil {
		c.Type, c.SessionID = gateway.User, i.Session.ID
		c.UserID, c.Email, c.Role = i.Session.UserID, i.Session.Email, i.Session.Role
		return c
	}
	c.Type, c.KeyID, c.KeyType = gateway.Key, i.Key.ID, string(i.Key.Type)
	if i.Claims != nil {
		c.Type = gateway.Client
	}
	c.UserID, c.Email, c.Role = i.Key.Owner, i.Key.OwnerEmail, user.Member
	if i.Scopes.Has(scope.Admin) {
		c.Role = user.Admin
	}
	return c
}
