package main

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestMoreCustomersThanARequestDeletesAreDeletedByRepeatingIt(t *testing.T) {
	w := newWorld(t, storetest.New(t))
	in, err := w.Store.Project(ctx, user.DefaultProject(w.Member.ID))
	if err != nil {
		t.Fatal(err)
	}
	const many = 120
	var all []customer.Customer
	for n := range many {
		c := customer.New(in.ID, fmt.Sprint("c", n), time.Now())
		if err := w.Store.CreateCustomer(ctx, in, c, storetest.Entry(audit.Created)); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	h := handler{account.Accounts{Store: w.Store, Retention: time.Hour, Within: 60 * time.Millisecond}}
	told := 0
	for tries := 0; ; tries++ {
		h.accounts.Within += 20 * time.Millisecond
		a := gatewaytest.Do(t, gateway.Protected(h.serve), gatewaytest.Call{
			Method: "DELETE", Resource: "/v1/users/{id}", Path: map[string]string{"id": w.Member.ID}, Authorizer: w.AsAdmin(),
		})
		if a.Status == 204 || tries > 0 && a.Status == 404 { // 404: the one before it was done, and ended before it knew
			expect.Same(t, "it took more than one request", tries > 0, true)
			break
		}
		expect.Same(t, "the status meanwhile", a.Status, 503)
		progress, _ := a.JSON(t)["progress"].(map[string]any)
		n, _ := progress["customers"].(float64)
		if told += int(n); tries > 500 {
			t.Fatal("it does not end")
		}
	}
	expect.Same(t, "it was told of customers that were deleted", told > 0 && told <= many, true)
	w.gone()
	for _, c := range all {
		if left, err := w.Store.AnyCustomer(ctx, c.ID); err != nil || left.DeletedAt == nil || !left.Erased {
			t.Errorf("a customer after the end: %+v, %v", left, err)
		}
		if _, err := w.Store.CustomerNamed(ctx, in.ID, c.ExternalID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a customer by its external id: %v", err)
		}
	}
}
