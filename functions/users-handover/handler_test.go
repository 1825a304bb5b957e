package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/account/accounttest"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

var ctx = context.Background()

type world struct {
	*accounttest.People
	heir   user.User
	within time.Duration
}

func newWorld(t *testing.T, keys int) *world {
	t.Helper()
	w := &world{People: accounttest.New(t, storetest.New(t), keys), heir: user.New("bob@example.com", user.Member, time.Now())}
	if err := w.Store.CreateUser(ctx, w.heir, "hash", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) handOver(as map[string]any, id, body string) gatewaytest.Answer {
	w.Helper()
	accounts := account.Accounts{Store: w.Store, Retention: time.Hour, Within: w.within}
	return gatewaytest.Do(w.T, gateway.Protected(handler{accounts}.serve), gatewaytest.Call{
		Method: "POST", Resource: "/v1/users/{id}/handover", Path: map[string]string{"id": id}, Body: body, Authorizer: as,
	})
}

func (w *world) to(id string) string { return fmt.Sprintf(`{"to":%q}`, id) }

func TestHandoverGivesProjectsAndKeysAndTheirLogsToAnother(t *testing.T) {
	w := newWorld(t, 60) // more than one transaction takes
	a := w.handOver(w.AsAdmin(), w.Member.ID, w.to(w.heir.ID))
	expect.Same(t, "status", a.Status, 200)
	expect.Same(t, "the answer", fmt.Sprint(a.JSON(t)), "map[api_keys:60 left:0 projects:1]")
	for _, id := range w.Keys {
		k, _, err := w.Store.CheckKey(ctx, id, []string{"1:hash"}, nil, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the owner", k.Owner+" "+k.OwnerEmail, w.heir.ID+" "+w.heir.Email)
		log, _, err := w.Store.AuditLog(ctx, id, store.Page{Limit: 1}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the newest entry", log[0].Action+" by "+log[0].Actor.ID, audit.Updated+" by "+w.Admin.ID)
		expect.Same(t, "from and to", log[0].Detail["owner_from"]+" "+log[0].Detail["owner_to"], w.Member.ID+" "+w.heir.ID)
	}
	in, err := w.Store.Project(ctx, user.DefaultProject(w.Member.ID))
	expect.Same(t, "the project's owner", in.Owner, w.heir.ID)
	if err != nil {
		t.Error(err)
	}
	storetest.AwaitIndex()
	for owner, n := range map[string]int{w.Member.ID: 0, w.heir.ID: 60} {
		list, _, err := w.Store.Keys(ctx, owner, store.Page{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "how many keys they list", len(list), n)
	}
	again := w.handOver(w.AsAdmin(), w.Member.ID, w.to(w.heir.ID))
	expect.Same(t, "again", fmt.Sprint(again.Status, again.JSON(t)), "200 map[api_keys:0 left:0 projects:0]")
	for _, u := range []user.User{w.Member, w.heir} {
		expect.Same(t, "their log has it once: "+u.Email, w.told(u), map[string]string{
			w.Member.ID: fmt.Sprintf("map[to:%s] by %s;", w.heir.ID, w.Admin.ID),
			w.heir.ID:   fmt.Sprintf("map[from:%s] by %s;", w.Member.ID, w.Admin.ID),
		}[u.ID])
	}
}

// told is what a user's log says of hand-overs, in which each entry must follow the one before.
func (w *world) told(u user.User) (told string) {
	w.Helper()
	log, _, err := w.Store.AccountLog(ctx, u.ID, store.Page{Limit: 100}, time.Now())
	if err != nil {
		w.Fatal(err)
	}
	head, err := w.Store.HeadOfAccount(ctx, u.ID)
	if err != nil {
		w.Fatal(err)
	}
	next := head.ChainHash
	for _, e := range log {
		if e.Chain != nil {
			expect.Same(w.T, "the hash of "+e.Action, e.Chain.Hash.String(), next.String())
			next = e.Chain.Previous
		}
		if e.Action == audit.KeysHandedOver {
			told += fmt.Sprint(e.Detail, " by ", e.Actor.ID, ";")
		}
	}
	return told
}

func TestLogsOfBothUsersHaveAHandoverOnlyIfItDidSomethingAndAfterWhatCameBetween(t *testing.T) {
	w := newWorld(t, 1)
	read := w.heir // before its log goes on, and before they are disabled
	change := func(c store.Change) {
		t.Helper()
		if _, err := w.Store.ChangeUser(ctx, w.Admin.ID, w.heir.ID, c, storetest.Entry, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	yes, no := true, false
	k, err := w.Store.Key(ctx, w.Keys[0])
	if err != nil {
		t.Fatal(err)
	}
	change(store.Change{Disabled: &yes})
	_, all := w.Store.HandOver(ctx, w.Member, read, time.Now(), storetest.Entry)
	_, one := w.Store.HandKeyOver(ctx, k, w.Member, read, storetest.Entry)
	if !errors.Is(all, store.ErrConflict) || !errors.Is(one, store.ErrConflict) {
		t.Errorf("to one who was disabled meanwhile: %v, %v", all, one)
	}
	expect.Same(t, "what the logs say of it", w.told(w.Member)+w.told(w.heir), "")

	change(store.Change{Disabled: &no})
	if _, err := w.Store.HandKeyOver(ctx, k, w.Member, read, storetest.Entry); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "whose it was", w.told(w.Member), fmt.Sprintf("map[key:%s to:%s] by ;", k.ID, w.heir.ID))
	expect.Same(t, "whose it is", w.told(w.heir), fmt.Sprintf("map[from:%s key:%s] by ;", w.Member.ID, k.ID))
}

func TestHandoverThatTakesLongSaysHowFarItIsAndGoesOn(t *testing.T) {
	w := newWorld(t, 60)
	w.within = 40 * time.Millisecond
	handed, unfinished := 0, false
	for range 100 {
		a := w.handOver(w.AsAdmin(), w.Member.ID, w.to(w.heir.ID))
		body := a.JSON(t)
		if a.Status == 200 {
			expect.Same(t, "some request was not finished", unfinished, true)
			expect.Same(t, "no more were counted than there are", handed+int(body["api_keys"].(float64)) <= 60, true)
			expect.Same(t, "none is left", w.handOver(w.AsAdmin(), w.Member.ID, w.to(w.heir.ID)).JSON(t)["api_keys"], any(0.0))
			return
		}
		expect.Same(t, "status", a.Status, 503)
		expect.Same(t, "Retry-After", a.Header["Retry-After"], "1")
		handed += int(body["progress"].(map[string]any)["api_keys"].(float64))
		unfinished = true
		w.within *= 2
	}
	t.Fatal("it does not end")
}

func TestOnlyAnAdministratorWhoIsLoggedInHandsOverAndOnlyToOneWhoIsThere(t *testing.T) {
	w := newWorld(t, 1)
	key := gatewaytest.Key("k", "scoped", w.Admin.ID, user.DefaultProject(w.Admin.ID), "admin")
	key[gateway.CtxRole] = user.Admin
	for name, as := range map[string]map[string]any{"a member": gatewaytest.User(w.Member.ID, w.Member.Email, "member", ""), "a key with the scope admin": key} {
		expect.Same(t, name, w.handOver(as, w.Member.ID, w.to(w.heir.ID)).Status, 403)
	}
	expect.Same(t, "from nobody", w.handOver(w.AsAdmin(), "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", w.to(w.heir.ID)).Status, 404)
	for body, status := range map[string]int{
		w.to("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"): 422, w.to(w.Member.ID): 422, `{}`: 422, `{"to":null}`: 422, `{"to":7}`: 422, `{"to":"bob@example.com"}`: 422,
		`{`: 400, `[]`: 422, `{"to":"x","from":"y"}`: 422,
	} {
		expect.Same(t, body, w.handOver(w.AsAdmin(), w.Member.ID, body).Status, status)
	}
	yes := true
	if _, err := w.Store.ChangeUser(ctx, w.Admin.ID, w.heir.ID, store.Change{Disabled: &yes}, storetest.Entry, time.Now()); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "to one who is disabled", w.handOver(w.AsAdmin(), w.Member.ID, w.to(w.heir.ID)).Status, 422)
	expect.Same(t, "from one who is disabled", w.handOver(w.AsAdmin(), w.heir.ID, w.to(w.Member.ID)).Status, 409)
	if k, err := w.Store.Key(ctx, w.Keys[0]); err != nil || k.Owner != w.Member.ID {
		t.Errorf("the key is of %s: %v", k.Owner, err)
	}
}
