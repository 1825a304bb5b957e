package export_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/export"
	"github.com/latchkey/latchkey/tests/expect"
)

var now = time.Date(2030, 1, 31, 11, 0, 0, 0, time.UTC)

// image is an entry as the stream has it.
func image(t *testing.T, e audit.Entry) string {
	t.Helper()
	it, err := attributevalue.MarshalMap(e)
	if err != nil {
		t.Fatal(err)
	}
	text, err := attributevalue.MarshalMapJSON(it)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func record(id, kind, before, after, more string) string {
	change := `"ApproximateCreationDateTime":1896087600.5,"Keys":{}`
	if before != "" {
		change += `,"OldImage":` + before
	}
	if after != "" {
		change += `,"NewImage":` + after
	}
	return fmt.Sprintf(`{"eventID":%q,"eventName":%q,%s"dynamodb":{%s}}`, id, kind, more, change)
}

func lines(t *testing.T, records ...string) []export.Line {
	t.Helper()
	var batch export.Batch
	if err := json.Unmarshal([]byte(`{"Records":[`+strings.Join(records, ",")+`]}`), &batch); err != nil {
		t.Fatal(err)
	}
	return export.Lines(batch, "latchkey")
}

func change(t *testing.T) audit.Entry {
	t.Helper()
	e := audit.New(audit.Created, audit.Source{Actor: audit.Actor{Type: "user", ID: "usr_A"}, UserAgent: "curl <8>", Now: now}, time.Hour)
	e.KeyID, e.Owner, e.Project = "0123456789abcdef", "usr_A", "prj_A"
	e, _, err := chain.Append(audit.Head{}, e)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestLineHasTheEntryAsTheAPIAnswersItSoThatItsHashCanBeChecked(t *testing.T) {
	e := change(t)
	found := lines(t, record("one", "INSERT", "", image(t, e), ""))
	expect.Same(t, "the number of lines", len(found), 1)
	expect.Same(t, "the id", found[0].ID, "one")
	expect.Same(t, "the event", found[0].Event, export.Logged)
	expect.Same(t, "the time", found[0].Time, time.UnixMilli(1896087600500).UTC())
	expect.Same(t, "the stack", found[0].Stack, "latchkey")
	text, err := json.Marshal(found[0])
	if err != nil {
		t.Fatal(err)
	}
	var line struct{ Entry json.RawMessage }
	if err := json.Unmarshal(text, &line); err != nil {
		t.Fatal(err)
	}
	read, err := chain.Read(line.Entry)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the entry in the line is intact", read.Intact, true)
}

func TestOfTheCountsOfAnEntryABatchGivesTheLast(t *testing.T) {
	use := func(count int, route string) string {
		e := audit.Use{KeyID: "0123456789abcdef", Proven: true, Route: route, At: now}.Entry(time.Hour)
		e.Count = count
		return image(t, e)
	}
	found := lines(t,
		record("1", "INSERT", "", use(1, "GET /a"), ""), record("2", "INSERT", "", use(1, "GET /b"), ""),
		record("3", "MODIFY", use(1, "GET /a"), use(5, "GET /a"), ""), record("4", "MODIFY", use(5, "GET /a"), use(9, "GET /a"), ""))
	var said []string
	for _, l := range found {
		said = append(said, fmt.Sprint(l.ID, " ", l.Event, " ", l.Entry.Route, " ", l.Entry.Count))
	}
	expect.Same(t, "what is said", strings.Join(said, ", "), "4 counted GET /a 9, 2 counted GET /b 1")
}

func TestErasedNameOfACustomerIsALineThatNamesItNoMore(t *testing.T) {
	e := audit.New(audit.Updated, audit.Source{Actor: audit.Actor{Type: "user", ID: "usr_A"}, Now: now}, time.Hour)
	e.CustomerID, e.Project, e.Personal = "cus_A", "prj_A", map[string]string{"name_to": "Acme"}
	e, _, err := chain.Append(audit.Head{}, chain.SealCustomer(e))
	if err != nil {
		t.Fatal(err)
	}
	erased, half := e, e
	erased.Personal, erased.Salt, half.Personal = nil, "", nil
	for want, row := range map[string][2]string{
		export.Logged: {"", image(t, e)}, export.Erased: {image(t, e), image(t, erased)}, export.Changed: {image(t, e), image(t, half)},
	} {
		kind := map[bool]string{true: "INSERT", false: "MODIFY"}[row[0] == ""]
		found := lines(t, record("1", kind, row[0], row[1], ""))
		expect.Same(t, "the event", found[0].Event, want)
		expect.Same(t, want+": whose it is", found[0].Entry.Of(), "cus_A")
		text, err := json.Marshal(found[0])
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, want+": it names the customer", strings.Contains(string(text), "Acme"), want != export.Erased)
	}
}

func TestTamperingWithTheTableIsALineOfItsOwn(t *testing.T) {
	e := change(t)
	altered := e
	altered.Address = "192.0.2.66"
	ttl := `"userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"},`
	found := lines(t,
		record("1", "MODIFY", image(t, e), image(t, altered), ""),
		record("2", "REMOVE", image(t, altered), "", ""),
		record("3", "REMOVE", image(t, e), "", ttl),
		record("4", "INSERT", "", `{"pk":{"S":"KEY#x"},"sk":{"S":"AUDIT#x"},"at":{"S":"yesterday"}}`, ""))
	var said []string
	for _, l := range found {
		said = append(said, l.ID+" "+l.Event)
	}
	expect.Same(t, "what is said", strings.Join(said, ", "), "1 changed, 2 removed, 4 changed")
	expect.Same(t, "the address before", found[0].Before.Address, e.Address)
	expect.Same(t, "the address after", found[0].Entry.Address, altered.Address)
	if !strings.Contains(string(found[2].Unreadable), "yesterday") {
		t.Errorf("what cannot be read is left out: %+v", found[2])
	}
}

func TestBatchWithoutAnEntryHasNoLines(t *testing.T) {
	expect.Same(t, "the number of lines", len(lines(t)), 0)
}
