package login_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/tests/expect"
)

// However often somebody guesses, the log has one entry for the hour and address, with a count.
func TestRefusedSignInsOfAnHourAndAddressAreOneEntryWithACount(t *testing.T) {
	d := newDoor(t)
	d.try(home, ann, wrong)
	for range allowance - 1 {
		d.try(attacker, ann, wrong)
		d.try(attacker, nobody, wrong)
	}
	found, err := d.store.Login(t.Context(), ann)
	if err != nil {
		t.Fatal(err)
	}
	entries, _, err := d.store.AccountLog(t.Context(), found.UserID, store.Page{Limit: 100}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, e := range entries {
		if e.Action == audit.SignInRefused {
			counts[fmt.Sprint(e.Address, " ", e.Detail["because"])] += e.Count // an hour may end in between
		}
	}
	expect.Same(t, "addresses", len(counts), 2)
	expect.Same(t, "from home", counts[home+" "+audit.WrongPassword], 1)
	expect.Same(t, "from the attacker", counts[attacker+" "+audit.WrongPassword], allowance-1)
}
