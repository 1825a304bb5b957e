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
	if user.Subject != "usr_A" || user.SessionID == "" || user.ClientID != "" || user.Maker != "" {
		t.Errorf("a user's: %+v", user)
	}
	ofKey, _ := x.make(key())
	if ofKey.Subject != "0123456789abcdef" || ofKey.ClientID != ofKey.Subject || ofKey.Generation != 3 || ofKey.SessionID != "" || ofKey.Maker != "" {
		t.Errorf("a key's: %+v", ofKey)
	}
	client := key()
	client[gateway.CtxType], client[gateway.CtxToken] = string(gateway.Client), "jti"
	ofClient, _ := x.make(client)
	if ofClient.ClientID != "0123456789abcdef" || ofClient.Maker != "jti" {
		t.Errorf("a client's: %+v", ofClient)
	}
	for _, claims := range []token.Claims{user, ofKey, ofClient} {
		if claims.Run != x.run.ID || claims.Scope != "read:events" || claims.Email != "" || claims.Role != "" {
			t.Errorf("it holds more, or another run: %+v", claims)
		}
	}
}

func TestTicketLivesAMinuteButNotLongerThanItsMaker(t *testing.T) {
	x := setUp(t)
	claims, in := x.make(key())
	if life := claims.ExpiresAt.Sub(claims.IssuedAt.Time); life != time.Minute || in != 60 {
		t.Errorf("it lives %v and says %v s, want a minute", life, in)
	}
	soon := key()
	end := time.Now().Add(20 * time.Second).Unix()
	soon[gateway.CtxExpires] = float64(end) // as sam local hands on a number
	if claims, in = x.make(soon); claims.ExpiresAt.Unix() != end || in > 20 || in < 19 {
		t.Errorf("it expires at %v and says %v s; its maker expires at %v", claims.ExpiresAt, in, end)
	}
}

func TestRunOfAnotherDoesNotExist(t *testing.T) {
	x := setUp(t)
	for name, row := range map[string]struct {
		caller map[string]any
		id     string
	}{
		"another user":             {gatewaytest.User("usr_B", "b@example.com", "admin", "admin read:events"), x.run.ID},
		"a key of another user":    {gatewaytest.Key("0123456789abcdef", "read_only", "usr_B", "prj_A", "read:events"), x.run.ID},
		"a key of another project": {gatewaytest.Key("0123456789abcdef", "read_only", "usr_A", "prj_B", "read:events"), x.run.ID},
		"an id of nobody's":        {key(), "run_AAAAAAAAAAAAAAAAAAAAAAAAAA"},
		"no id":                    {key(), "x"},
	} {
		if got := x.ask(row.caller, row.id); got.Status != 404 || got.Code(t) != "RESOURCE_NOT_FOUND" {
			t.Errorf("%s: %d %s, want 404", name, got.Status, got.Body)
		}
	}
}

// What is short-lived cannot renew itself.
func TestTicketMakesNoTicket(t *testing.T) {
	x := setUp(t)
	if got := x.ask(gatewaytest.Ticket("usr_A", x.run.ID), x.run.ID); got.Status != 401 {
		t.Errorf("%d %s, want 401", got.Status, got.Body)
	}
}
