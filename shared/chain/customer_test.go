package chain_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/tests/expect"
)

// ofCustomer is an entry in the chain of a customer, which says who that is unless personal is nil.
func ofCustomer(t *testing.T, personal map[string]string) (audit.Head, audit.Entry) {
	t.Helper()
	e := audit.New(audit.Updated, audit.Source{Actor: audit.Actor{Type: "user", ID: "usr_A"}, Address: "192.0.2.7", UserAgent: "curl <8>", Now: now}, 10*day)
	e.CustomerID, e.Project, e.Personal = "cus_A", "prj_A", personal
	e, head, err := chain.Append(audit.Head{}, chain.SealCustomer(e))
	if err != nil {
		t.Fatal(err)
	}
	return head, e
}

func TestChainOfACustomerStaysWholeWhenItsNameIsErased(t *testing.T) {
	head, e := ofCustomer(t, map[string]string{"name_from": "Acme", "name_to": ""})
	for name, row := range map[string]struct {
		change func(*audit.Entry)
		want   string
	}{
		"untouched":                {func(*audit.Entry) {}, ""},
		"erased":                   {func(e *audit.Entry) { e.Personal, e.Salt = nil, "" }, ""},
		"another name":             {func(e *audit.Entry) { e.Personal = map[string]string{"name_to": "Byte"} }, "altered 1"},
		"no name":                  {func(e *audit.Entry) { e.Personal = nil }, "altered 1"},
		"no salt":                  {func(e *audit.Entry) { e.Salt = "" }, "altered 1"},
		"another address":          {func(e *audit.Entry) { e.Address = "192.0.2.66" }, "altered 1"},
		"another hash of the name": {func(e *audit.Entry) { e.PersonHash = audit.Hash{1} }, "altered 1"},
		"the entry of another":     {func(e *audit.Entry) { e.CustomerID = "cus_B" }, "altered 1"},
		"the entry of a key":       {func(e *audit.Entry) { e.KeyID, e.CustomerID = "0123456789abcdef", "" }, "altered 1"},
		"it has no place any more": {func(e *audit.Entry) { e.Chain = nil }, "removed 1, unchained"},
	} {
		one := e
		row.change(&one)
		expect.Same(t, name, found(verify(t, head, []audit.Entry{one}, now.Add(time.Hour), now)), row.want)
	}
}

func TestEntryOfACustomerHasNoMembersOfAKeyAndNoHashOfNobody(t *testing.T) {
	_, e := ofCustomer(t, nil)
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	for name, there := range map[string]bool{
		"customer_id": true, "project_id": true, "address": true, "user_agent": true,
		"key_id": false, "owner_id": false, "user_id": false, "personal": false, "salt": false, "person_hash": false,
	} {
		_, is := members[name]
		expect.Same(t, name+" is there", is, there)
	}
}
