package main

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/account/accounttest"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestAdministratorReadsTheLogOfAUserAlsoAfterTheirDeletionWithoutThePerson(t *testing.T) {
	p := accounttest.New(t, storetest.New(t), 0)
	read := func(as map[string]any, id string) gatewaytest.Answer {
		return gatewaytest.Do(t, gateway.Protected(handler{p.Store}.serve), gatewaytest.Call{
			Method: "GET", Resource: "/v1/users/{id}/log", Authorizer: as, Path: map[string]string{"id": id},
		})
	}
	for id, want := range map[string]int{p.Member.ID: 200, user.New("", "", time.Now()).ID: 404, "usr_x": 404} {
		expect.Same(t, id+": status", read(p.AsAdmin(), id).Status, want)
	}
	expect.Same(t, "a member's own, here: status", read(gatewaytest.User(p.Member.ID, "", "member", ""), p.Member.ID).Status, 403)
	expect.Same(t, "the device is there", strings.Contains(read(p.AsAdmin(), p.Member.ID).Body, "Ann's telephone"), true)

	u, err := p.Store.ChangeUser(t.Context(), p.Admin.ID, p.Member.ID, store.Change{Delete: true}, storetest.Entry, time.Now())
	if err == nil {
		err = p.Store.Erase(t.Context(), u, time.Hour, storetest.Entry, time.Now(), new(store.Ended))
	}
	if err != nil {
		t.Fatal(err)
	}
	after := read(p.AsAdmin(), p.Member.ID)
	expect.Same(t, "after the deletion: status", after.Status, 200)
	expect.Same(t, "that it was deleted is there", strings.Contains(after.Body, `"deleted"`), true)
	for _, personal := range []string{"Ann's telephone", "192.0.2.7", "address", "user_agent", "salt"} {
		expect.Same(t, personal+" is there", strings.Contains(after.Body, personal), false)
	}
}
