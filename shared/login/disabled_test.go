package login_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// Whoever does not know the password learns nothing: a disabled account answers like any other.
func TestOnlyTheRightPasswordIsToldThatTheAccountIsDisabled(t *testing.T) {
	ctx, d := context.Background(), newDoor(t)
	admin := user.New("root@example.com", user.Admin, time.Now())
	if err := d.store.CreateUser(ctx, admin, "hash", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	found, err := d.store.Login(ctx, ann)
	if err != nil {
		t.Fatal(err)
	}
	set := func(disabled bool) {
		t.Helper()
		if _, err := d.store.ChangeUser(ctx, admin.ID, found.UserID, store.Change{Disabled: &disabled}, storetest.Entry, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	is := func(what string, a gatewaytest.Answer, status int, code string) {
		t.Helper()
		expect.Same(t, what+": status", a.Status, status)
		expect.Same(t, what+": error_code", a.Code(t), code)
	}
	set(true)
	is("the right password", d.try(home, ann, right), 403, "ACCOUNT_DISABLED")
	log, _, err := d.store.AccountLog(ctx, found.UserID, store.Page{Limit: 10}, time.Now())
	expect.Same(t, "the error", err, nil)
	expect.Same(t, "the log has the refusal", slices.ContainsFunc(log, func(e audit.Entry) bool {
		return e.Action == audit.SignInRefused && e.Detail["because"] == audit.AccountDisabled && e.Count == 1
	}), true)
	is("a wrong password", d.try(home, ann, wrong), 401, "INVALID_CREDENTIALS")
	is("nobody", d.try(home, nobody, right), 401, "INVALID_CREDENTIALS")
	set(false)
	expect.Same(t, "enabled again: status", d.try(home, ann, right).Status, 204)
}
