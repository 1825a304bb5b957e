package main

import (
	"encoding/json"
	"testing"

	"github.com/latchkey/latchkey/shared/account/accounttest"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

type page struct {
	Entries []json.RawMessage
	Next    *string `json:"next_cursor"`
	Head    *audit.Head
}

func read(p *accounttest.People, caller map[string]any, query map[string]string) gatewaytest.Answer {
	p.Helper()
	return gatewaytest.Do(p.T, gateway.Protected(handler{p.Store}.serve), gatewaytest.Call{
		Method: "GET", Resource: "/v1/auth/log", Authorizer: caller, Query: query,
	})
}

func TestPersonReadsTheirOwnLogPageByPageAndCanCheckItsChain(t *testing.T) {
	p := accounttest.New(t, storetest.New(t), 0)
	caller := gatewaytest.User(p.Member.ID, p.Member.Email, "member", "")
	caller[gateway.CtxSession] = p.Session
	var actions []string
	for query := (map[string]string{"limit": "1"}); query != nil; {
		a := read(p, caller, query)
		expect.Same(t, "status", a.Status, 200)
		var one page
		if err := json.Unmarshal([]byte(a.Body), &one); err != nil {
			t.Fatal(err)
		}
		for _, text := range one.Entries {
			e, err := chain.Read(text)
			if err != nil {
				t.Fatal(err)
			}
			expect.Same(t, "whose it is", e.UserID, p.Member.ID)
			expect.Same(t, "whether it is intact", e.Intact, e.Change())
			actions = append(actions, e.Action)
		}
		expect.Same(t, "the place of the head", one.Head.ChainSeq, 1)
		if query = nil; one.Next != nil {
			query = map[string]string{"limit": "1", "cursor": *one.Next}
		}
	}
	expect.Same(t, "how many entries there are", len(actions), 2)
	expect.Same(t, "the newest", actions[0], audit.SignedIn)
	expect.Same(t, "the first", actions[1], audit.Registered)
}

func TestKeyDoesNotReadTheLogOfItsOwner(t *testing.T) {
	p := accounttest.New(t, storetest.New(t), 0)
	key := gatewaytest.Key("k", "scoped", p.Admin.ID, "prj_A", "admin")
	expect.Same(t, "status", read(p, key, nil).Status, 403)
}
