package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/account/accounttest"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

var ctx = context.Background()

func makeLink(p *accounttest.People, as map[string]any, id, body string) gatewaytest.Answer {
	p.Helper()
	h := handler{account.Accounts{Store: p.Store, Retention: time.Hour}, outbox.Outbox{}}
	return gatewaytest.Do(p.T, gateway.Protected(h.serve), gatewaytest.Call{
		Method: "POST", Resource: "/v1/users/{id}/link", Path: map[string]string{"id": id}, Body: body, Authorizer: as,
	})
}

// The link leads to the API, by the parameter Issuer, whatever a header of the request says.
func TestAdministratorGetsALinkWhereNoMailIsSent(t *testing.T) {
	t.Setenv("ISSUER", "https://login.example.com/prod")
	p := accounttest.New(t, storetest.New(t), 0)
	a := makeLink(p, p.AsAdmin(), p.Member.ID, `{"purpose":"reset"}`)
	expect.Same(t, "status", a.Status, 201)
	expect.Same[any](t, "sent", a.JSON(t)["sent"], false)
	expect.Same[any](t, "expires_in", a.JSON(t)["expires_in"], 1800.0)
	address, _ := a.JSON(t)["url"].(string)
	before, text, _ := strings.Cut(address, "?token=")
	expect.Same(t, "where it leads", before, "https://login.example.com/prod/dashboard#/reset")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the query that a GET would send", u.RawQuery, "")
	token, ok := link.Parse(text)
	found, err := p.Store.User(ctx, p.Member.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "it is the member's link", ok && found.ResetLink.Good(token, time.Now()), true)
	log, _, err := p.Store.AccountLog(ctx, p.Member.ID, store.Page{Limit: 10}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the newest change of the member's log", log[0].Action, audit.LinkMade)
	expect.Same(t, "who made the link", log[0].Actor.ID, p.Admin.ID)
	expect.Same(t, "who has it", log[0].Detail["given"], audit.ByHand)
	expect.Same(t, "the head of the log", found.ChainHash.String(), log[0].Chain.Hash.String())
	if said := fmt.Sprintf("%+v", log); strings.Contains(said, text) || strings.Contains(said, found.ResetLink.Hash) {
		t.Error("the log has the token of the link, or its hash")
	}
}

func TestLinkThatAUserHasNoUseForIsRefused(t *testing.T) {
	p, yes := accounttest.New(t, storetest.New(t), 0), true
	for body, status := range map[string]int{
		`{"purpose":"invitation"}`: 409, `{"purpose":"verification"}`: 422, `{"purpose":""}`: 422, `{}`: 422, `[]`: 422, `{`: 400, ``: 400,
		`{"purpose":"reset","email":"x@example.com"}`: 422,
	} {
		expect.Same(t, body+": status", makeLink(p, p.AsAdmin(), p.Member.ID, body).Status, status)
	}
	for _, id := range []string{"usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", "x", p.Member.ID + "\n"} {
		expect.Same(t, id+": status", makeLink(p, p.AsAdmin(), id, `{"purpose":"reset"}`).Status, 404)
	}
	for name, as := range map[string]map[string]any{
		"a member": gatewaytest.User(p.Member.ID, p.Member.Email, "member", ""), "a key": gatewaytest.Key("k", "scoped", p.Admin.ID, "prj_A", "admin"),
	} {
		expect.Same(t, name+": status", makeLink(p, as, p.Member.ID, `{"purpose":"reset"}`).Status, 403)
	}
	if _, err := p.Store.ChangeUser(ctx, p.Admin.ID, p.Member.ID, store.Change{Disabled: &yes}, storetest.Entry, time.Now()); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "one who is disabled: status", makeLink(p, p.AsAdmin(), p.Member.ID, `{"purpose":"reset"}`).Status, 409)
	found, err := p.Store.User(ctx, p.Member.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "a link was made", found.ResetLink != nil || found.InvitationLink != nil, false)
	invited := user.New("new@example.com", user.Member, time.Now())
	at := time.Now()
	invited.InvitedAt = &at
	if err := p.Store.CreateUser(ctx, invited, "", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "an invitation of somebody without a password: status", makeLink(p, p.AsAdmin(), invited.ID, `{"purpose":"invitation"}`).Status, 201)
}

// Each change of the account moves the head of its log, so those at the same time meet there.
func TestLinksThatAreMadeAtTheSameTimeAreAllInTheLog(t *testing.T) {
	p := accounttest.New(t, storetest.New(t), 0)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			expect.Same(t, "status", makeLink(p, p.AsAdmin(), p.Member.ID, `{"purpose":"reset"}`).Status, 201)
		})
	}
	all.Wait()
	log, err := p.Store.Log(ctx, p.Member.ID)
	if err != nil {
		t.Fatal(err)
	}
	report := log.Verify(time.Time{}, time.Now())
	expect.Same(t, "changes in the chain", report.Chained, 5)
	expect.Same(t, "findings", len(report.Findings), 0)
}
