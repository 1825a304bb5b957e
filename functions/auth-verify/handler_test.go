package main

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/account/accounttest"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestAddressIsVerifiedOnceByTheNewestLinkOfOneWhoIsNotDisabled(t *testing.T) {
	p, yes := accounttest.New(t, storetest.New(t), 0), true
	verify := func(sends bool, body string) int {
		t.Helper()
		return gatewaytest.Do(t, gateway.Public(p.Store, nil, handler{p.Store, sends, time.Hour}.serve), gatewaytest.Call{Method: "POST", Resource: "/v1/auth/verify", Body: body}).Status
	}
	token := func(purpose link.Purpose, ago time.Duration) string {
		t.Helper()
		l, made := link.New(p.Member.ID, purpose, time.Now().Add(-ago))
		if err := p.Store.SetLink(t.Context(), p.Member.ID, purpose, l); err != nil {
			t.Fatal(err)
		}
		_, text, _ := strings.Cut(made.Address("", purpose), "=")
		return `{"token":"` + text + `"}`
	}
	expired, reset := token(link.Verification, 24*time.Hour), token(link.Reset, 0)
	for body, status := range map[string]int{expired: 422, reset: 422, ``: 400, `{`: 400, `[]`: 422, `{}`: 422, `{"token":"lnk_` + strings.Repeat("A", 78) + `"}`: 422} {
		expect.Same(t, body+": status", verify(true, body), status)
	}
	older, newest := token(link.Verification, 0), token(link.Verification, 0)
	expect.Same(t, "where no mail is sent: status", verify(false, newest), 404)
	expect.Same(t, "an older link: status", verify(true, older), 422)
	expect.Same(t, "the newest link: status", verify(true, newest), 204)
	expect.Same(t, "again: status", verify(true, newest), 422)
	u, err := p.Store.User(t.Context(), p.Member.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the address is verified", u.VerifiedAt != nil && u.VerificationLink == nil, true)
	expect.Same(t, "the log", storetest.Said(t, p.Store, p.Member.ID), "address_verified; registered; signed_in")
	newest = token(link.Verification, 0)
	if _, err := p.Store.ChangeUser(t.Context(), p.Admin.ID, p.Member.ID, store.Change{Disabled: &yes}, storetest.Entry, time.Now()); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "one who is disabled: status", verify(true, newest), 422)
}
