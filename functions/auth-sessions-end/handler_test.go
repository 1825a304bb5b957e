package main

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/account/accounttest"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func end(t *testing.T, s *store.Store, caller map[string]any) gatewaytest.Answer {
	t.Helper()
	return gatewaytest.Do(t, gateway.Protected(handler{s, time.Hour}.serve), gatewaytest.Call{
		Method: "DELETE", Resource: "/v1/auth/sessions", Authorizer: caller,
	})
}

func stands(t *testing.T, s *store.Store, id string) bool {
	t.Helper()
	_, _, err := s.CheckSession(t.Context(), id, nil, time.Now())
	return err == nil
}

func TestOneRequestEndsAllOtherSessionsOfThePersonAndNobodyElses(t *testing.T) {
	p := accounttest.New(t, storetest.New(t), 0)
	others := []string{p.LogIn(p.Member), p.LogIn(p.Member)} // which the index may not have yet
	administrators := p.LogIn(p.Admin)
	caller := gatewaytest.User(p.Member.ID, p.Member.Email, "member", "")
	caller[gateway.CtxSession] = p.Session
	for range 2 { // again changes nothing
		expect.Same(t, "status", end(t, p.Store, caller).Status, 204)
	}
	expect.Same(t, "the session that asks stands", stands(t, p.Store, p.Session), true)
	expect.Same(t, "the administrator's stands", stands(t, p.Store, administrators), true)
	for _, id := range others {
		expect.Same(t, "another one stands", stands(t, p.Store, id), false)
	}
	log, _, err := p.Store.AccountLog(t.Context(), p.Member.ID, store.Page{Limit: 1}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the newest entry", log[0].Action, audit.SessionsEnded)
}

func TestAllOtherSessionsEndThoughTheFunctionDiesMidway(t *testing.T) {
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		p := accounttest.New(t, s, 0)
		other := p.LogIn(p.Member)
		caller := gatewaytest.User(p.Member.ID, p.Member.Email, "member", "")
		caller[gateway.CtxSession] = p.Session
		life.Of(func() { end(t, s, caller) })
		expect.Same(t, "status of the repeated request", end(t, s, caller).Status, 204)
		expect.Same(t, "the other one stands", stands(t, s, other), false)
	})
}

func TestKeyEndsNoSessions(t *testing.T) {
	p := accounttest.New(t, storetest.New(t), 0)
	expect.Same(t, "status", end(t, p.Store, gatewaytest.Key("k", "scoped", p.Member.ID, "prj_A", "admin")).Status, 403)
	expect.Same(t, "the session stands", stands(t, p.Store, p.Session), true)
}
