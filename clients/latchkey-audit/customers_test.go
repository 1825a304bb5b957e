package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestLogsOfCustomersAreCheckedAndExportedAlsoOfThoseThatWereDeleted(t *testing.T) {
	x := setUp(t)
	live := storetest.Customer(t, x.s, "usr_A", func(c *customer.Customer) { c.Name = "Acme" })
	gone := storetest.Customer(t, x.s, "usr_B", nil)
	gone, err := x.s.Customer(t.Context(), gone.ID)
	if err == nil {
		err = x.s.DeleteCustomer(t.Context(), gone, x.entry(audit.Deleted))
	}
	if err != nil {
		t.Fatal(err)
	}
	exit, findings := x.verify()
	expect.Same(t, "the exit code", exit, 0)
	expect.Same(t, "the findings", fmt.Sprint(findings), "map[]")
	var out bytes.Buffer
	expect.Same(t, "the exit code of the export", run(t.Context(), []string{"export", "--table", x.name}, &out, os.Stderr), 0)
	expect.Same(t, "the lines of it", strings.Count(out.String(), `"customer_id":"`+live.ID+`"`)+strings.Count(out.String(), `"customer_id":"`+gone.ID+`"`), 3)

	log, err := x.s.Log(t.Context(), live.ID)
	if err != nil {
		t.Fatal(err)
	}
	x.remove(item{"pk": text("CUSTOMER#" + live.ID), "sk": text("AUDIT#" + log.Entries[0].ID)})
	out.Reset()
	expect.Same(t, "the exit code after an entry was removed", run(t.Context(), []string{"verify", "--table", x.name}, &out, os.Stderr), exitNotWhole)
	for _, word := range []string{`"customer_id":"` + live.ID + `"`, chain.Removed} {
		expect.Same(t, word+" is told", strings.Contains(out.String(), word), true)
	}
	expect.Same(t, "the lines", len(slices.Collect(strings.Lines(out.String()))), 1)
}
