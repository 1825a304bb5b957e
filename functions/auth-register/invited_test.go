package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/password/passwordtest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestUserWithoutAPasswordIsInvitedByALink(t *testing.T) {
	ctx, s := context.Background(), storetest.New(t)
	t.Setenv("ISSUER", "https://login.example.com")
	a := gatewaytest.Do(t, gateway.Protected(handler{s, passwordtest.Cost, outbox.Outbox{}, time.Hour}.serve), gatewaytest.Call{
		Method: "POST", Resource: "/v1/auth/register", Authorizer: gatewaytest.User("usr_A", "a@example.com", "admin", "admin"),
		Body: `{"email": "new@example.com"}`,
	})
	expect.Same(t, "status", a.Status, 201)
	invitation, _ := a.JSON(t)["invitation"].(map[string]any)
	expect.Same[any](t, "sent", invitation["sent"], false)
	address, _ := invitation["url"].(string)
	before, text, _ := strings.Cut(address, "?token=")
	expect.Same(t, "where it leads", before, "https://login.example.com/dashboard#/invitation")
	token, ok := link.Parse(text)
	if !ok {
		t.Fatalf("the token of %s does not parse", address)
	}
	u, err := s.User(ctx, token.UserID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "what the user is", u.Status(), user.Invited)
	expect.Same(t, "the link is good", u.InvitationLink.Good(token, time.Now().Add(6*24*time.Hour)), true)
	found, err := s.Login(ctx, "new@example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{"", "hash", " "} {
		matches, _, err := passwordtest.Cost.Matches(given, found.PasswordHash)
		expect.Same(t, "a password opens it before one is chosen", matches || err != nil, false)
	}
}
