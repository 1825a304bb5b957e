package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func (l *lossy) customer(name string) (customer.Customer, apikey.Key) {
	l.t.Helper()
	c := customerOf(l.t, l.s, l.user, name)
	return c, l.key(func(k *apikey.Key) { k.Project, k.Customer = c.Project, c.ID })
}

// use says what a check of a customer's key answers.
func (l *lossy) use(k apikey.Key) string {
	l.t.Helper()
	_, _, err := l.s.CheckKey(ctx, k.ID, good, &wide, time.Now())
	for _, known := range []error{apikey.ErrRevoked, apikey.ErrDisabled} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return fmt.Sprint(err)
}

// loseAll deletes all that there is of customers, their logs too.
func (l *lossy) loseAll() {
	l.t.Helper()
	for _, it := range l.items(l.table) {
		if strings.HasPrefix(it["pk"].(*types.AttributeValueMemberS).Value, "CUSTOMER#") {
			l.lose(it["sk"].(*types.AttributeValueMemberS).Value)
		}
	}
}

func TestRestoreBringsCustomersBackAndTurnsNoneOnThatWasEnded(t *testing.T) {
	for name, losing := range map[string]func(l *lossy){
		"their items":                        func(l *lossy) { l.lose("CUSTOMER") },
		"their items and their external ids": func(l *lossy) { l.lose("CUSTOMER", "EXTERNAL") },
		"nothing":                            func(*lossy) {},
	} {
		l := newLossy(t)
		stays, good := l.customer("stays")
		deleted, dead := l.customer("deleted")
		disabled, off := l.customer("disabled")
		narrowed, narrow := l.customer("narrowed")
		l.pass()
		deleteCustomer(t, l.s, deleted.ID)
		for id, action := range map[string]string{disabled.ID: audit.Disabled, narrowed.ID: audit.Updated} {
			was := readCustomer(t, l.s, id)
			next := was
			if next.Read = 1; action == audit.Disabled {
				next.DisabledAt = &now
			}
			if err := l.s.ChangeCustomer(ctx, was, next, storetest.Entry(action)); err != nil {
				t.Fatal(err)
			}
		}
		losing(l)
		var wanted []string
		if name != "nothing" {
			wanted = []string{disabled.ID, narrowed.ID}
		}
		for range 2 { // repeating it changes nothing
			done := l.restore()
			for _, id := range wanted {
				expect.Same(t, name+": it tells which it disabled", slices.Contains(done.Disabled, id), true)
			}
			wanted = nil
			for of, row := range map[string]struct {
				k    apikey.Key
				want string
			}{
				"the one that stays": {good, "<nil>"}, "the one that was deleted": {dead, apikey.ErrRevoked.Error()}, "the one that was disabled": {off, apikey.ErrDisabled.Error()},
			} {
				expect.Same(t, name+" is lost: a key of "+of, l.use(row.k), row.want)
			}
			if name != "nothing" {
				expect.Same(t, name+" is lost: a key of the one that was narrowed", l.use(narrow), apikey.ErrDisabled.Error())
			}
		}
		expect.Same(t, name+": what names the deleted one is there", l.names("deleted"), false)
		found, err := l.s.CustomerNamed(ctx, stays.Project, "stays")
		expect.Same(t, name+": by its external id", fmt.Sprint(found.ID == stays.ID, err), "true <nil>")
		expect.Same(t, name+": the external id of the deleted one is free", createCustomerFor(l, deleted.Project, "deleted"), nil)
		for _, c := range []customer.Customer{stays, deleted, disabled, narrowed} {
			logOfCustomer(t, l.s, c.ID)
		}
	}
}

// names reports whether a customer's entry or item has a text as its name or external id.
func (l *lossy) names(text string) bool {
	l.t.Helper()
	for _, it := range l.items(l.table) {
		var out strings.Builder
		write(&out, &types.AttributeValueMemberM{Value: it})
		if pk := it["pk"].(*types.AttributeValueMemberS).Value; strings.HasPrefix(pk, "CUSTOMER#") && strings.Contains(out.String(), "external_id "+text) {
			return true
		}
	}
	return false
}

func createCustomerFor(l *lossy, in, name string) error {
	l.t.Helper()
	p, err := l.s.Project(ctx, in)
	if err != nil {
		return err
	}
	return l.s.CreateCustomer(ctx, p, customer.New(in, name, time.Now()), storetest.Entry(audit.Created))
}

func TestRestoredCustomerWhoseExternalIDAnotherHasByNowIsDisabledAndTakesNothingFromIt(t *testing.T) {
	l := newLossy(t)
	c, k := l.customer("acme")
	l.pass()
	l.loseAll()
	if err := createCustomerFor(l, c.Project, "acme"); err != nil {
		t.Fatal(err)
	}
	l.restore()
	expect.Same(t, "its key", l.use(k), apikey.ErrDisabled.Error())
	expect.Same(t, "its external id", readCustomer(t, l.s, c.ID).ExternalID, c.ID)
	found, err := l.s.CustomerNamed(ctx, c.Project, "acme")
	expect.Same(t, "who has the external id is another", fmt.Sprint(found.ID != c.ID, err), "true <nil>")
	expect.Same(t, "the log", logOfCustomer(t, l.s, c.ID), "created, restored")
	deleteCustomer(t, l.s, c.ID)
	_, err = l.s.CustomerNamed(ctx, c.Project, "acme")
	expect.Same(t, "the other one, after its deletion", err, nil)
}

func TestRestoreBringsBackAnExternalIDThatWasLostAlone(t *testing.T) {
	l := newLossy(t)
	c, _ := l.customer("acme")
	l.pass()
	l.lose("EXTERNAL")
	l.restore()
	found, err := l.s.CustomerNamed(ctx, c.Project, "acme")
	expect.Same(t, "by its external id", fmt.Sprint(found.ID == c.ID, err), "true <nil>")
}
