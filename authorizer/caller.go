package main

import (
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/user"
)

// callerOf returns the identity as functions see it (docs/context.md). Of a ticket they see its
// run and its owner, but not the credential that it was made with.
func callerOf(i authn.Identity) gateway.Caller {
	c := gateway.Caller{Project: i.Project(), Scopes: i.Scopes, ExpiresAt: i.Expires}
	if c.RunID = i.TicketFor(); c.RunID != "" {
		c.Type, c.UserID = gateway.Ticket, i.Owner()
		return c
	}
	if i.Session != nil {
		c.Type, c.SessionID = gateway.User, i.Session.ID
		if i.SetsUp() {
			c.Type = gateway.Setup
		}
		c.UserID, c.Email, c.Role = i.Session.UserID, i.Session.Email, i.Session.Role
		return c
	}
	c.Type, c.KeyID, c.KeyType, c.KeyGeneration = gateway.Key, i.Key.ID, string(i.Key.Type), i.Generation
	c.Customer = i.Key.Customer
	if i.Claims != nil {
		c.Type, c.TokenID = gateway.Client, i.Claims.RegisteredClaims.ID
	}
	c.UserID, c.Email, c.Role = i.Key.Owner, i.Key.OwnerEmail, user.Member
	if !i.Key.Type.ShowsOwner() {
		c.Email = ""
	}
	if i.Scopes.Has(scope.Admin) {
		c.Role = user.Admin
	}
	return c
}
