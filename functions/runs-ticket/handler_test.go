package main

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/tests/expect"
)

type fixture struct {
	t      *testing.T
	f      gateway.Function
	tokens *token.Authority
	run    run.Run
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	s, tokens := storetest.New(t), tokentest.Authority(t)
	r := run.New("usr_A", "prj_A", time.Hour, time.Now())
	if err := s.CreateRun(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	return &fixture{t, gateway.Protected(handler{s, tokens}.serve), tokens, r}
}

func (x *fixture) ask(caller map[string]any, id string) gatewaytest.Answer {
	x.t.Helper()
	return gatewaytest.Do(x.t, x.f, gatewaytest.Call{
		Method: "POST", Resource: "/v1/runs/{id}/ticket", Path: map[string]string{"id": id}, Authorizer: caller,
	})
}

// make asks for a ticket and reads it.
func (x *fixture) make(caller map[string]any) (claims token.Claims, expiresIn float64) {
	x.t.Helper()
	got := x.ask(caller, x.run.ID)
	if got.Status != 201 {
		x.t.Fatalf("%d %s, want 201", got.Status, got.Body)
	}
	answer := got.JSON(x.t)
	claims, err := x.tokens.Verify(context.Background(), answer["token"].(string), token.Ticket)
	if err != nil {
		x.t.Fatal(err)
	}
	return claims, answer["expires_in"].(float64)
}

func key() map[string]any {
	k := gatewaytest.Key("0123456789abcdef", "read_only", "usr_A", "prj_A", "read:events")
	k[gateway.CtxGeneration] = "3"
	return k
}

func TestTicketHangsOnWhatMadeIt(t *testing.T) {
	x := setUp(t)
	user, _ := x.make(gatewaytest.User("usr_A", "a@example.com", "member", "read:events write:events"))
	expect.Same(t, "a user's: user.Subject", user.Subject, "usr_A")
	if user.SessionID == "" {
		t.Error("a user's: user.SessionID is empty")
	}
	expect.Same(t, "a user's: user.ClientID", user.ClientID, "")
	expect.Same(t, "a user's: user.Maker", user.Maker, "")
	ofKey, _ := x.make(key())
	expect.Same(t, "a key's: ofKey.Subject", ofKey.Subject, "0123456789abcdef")
	expect.Same(t, "a key's: ofKey.ClientID", ofKey.ClientID, ofKey.Subject)
	expect.Same(t, "a key's: ofKey.Generation", ofKey.Generation, 3)
	expect.Same(t, "a key's: ofKey.SessionID", ofKey.SessionID, "")
	expect.Same(t, "a key's: ofKey.Maker", ofKey.Maker, "")
	client := key()
	client[gateway.CtxType], client[gateway.CtxToken] = string(gateway.Client), "jti"
	ofClient, _ := x.make(client)
	expect.Same(t, "a client's: ofClient.ClientID", ofClient.ClientID, "0123456789abcdef")
	expect.Same(t, "a client's: ofClient.Maker", ofClient.Maker, "jti")
	for _, claims := range []token.Claims{user, ofKey, ofClient} {
		expect.Same(t, "claims.Run", claims.Run, x.run.ID)
		expect.Same(t, "claims.Scope", claims.Scope, "read:events")
		expect.Same(t, "claims.Email", claims.Email, "")
		expect.Same(t, "claims.Role", claims.Role, "")
	}
}

func TestTicketLivesAMinuteButNotLongerThanItsMaker(t *testing.T) {
	x := setUp(t)
	claims, in := x.make(key())
	life := claims.ExpiresAt.Sub(claims.IssuedAt.Time)
	expect.Same(t, "life", life, time.Minute)
	expect.Same(t, "in", in, 60)
	soon := key()
	end := time.Now().Add(20 * time.Second).Unix()
	soon[gateway.CtxExpires] = float64(end) // as sam local hands on a number
	switch claims, in = x.make(soon); {
	case claims.ExpiresAt.Unix() != end:
		t.Errorf("claims.ExpiresAt.Unix(): %v, want %v", claims.ExpiresAt.Unix(), end)
	case in > 20 || in < 19:
		t.Errorf("in: %v is out of range", in)
	}
}

func TestRunOfAnotherDoesNotExist(t *testing.T) {
	x := setUp(t)
	for name, row := range map[string]struct {
		caller map[string]any
		id     string
	}{
		"another user":             {gatewaytest.User("usr_B", "b@example.com", "admin", "admin read:events"), x.run.ID},
		"a key of another user":    {gatewaytest.Key("0123456789abcdef", "read_only", "usr_B", "prj_B", "read:events"), x.run.ID},
		"a key of another project": {gatewaytest.Key("0123456789abcdef", "read_only", "usr_A", "prj_B", "read:events"), x.run.ID},
		"an id of nobody's":        {key(), "run_AAAAAAAAAAAAAAAAAAAAAAAAAA"},
		"no id":                    {key(), "x"},
	} {
		got := x.ask(row.caller, row.id)
		expect.Same(t, name+": status", got.Status, 404)
		expect.Same(t, name+": error_code", got.Code(t), "RESOURCE_NOT_FOUND")
	}
}

// What is short-lived cannot renew itself.
func TestTicketMakesNoTicket(t *testing.T) {
	x := setUp(t)
	if got := x.ask(gatewaytest.Ticket("usr_A", x.run.ID), x.run.ID); got.Status != 401 {
		t.Errorf("%d %s, want 401", got.Status, got.Body)
	}
}
