package verification_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/verification"
	"github.com/latchkey/latchkey/tests/expect"
)

var (
	key   = apikey.Key{ID: "0123456789abcdef", Owner: "usr_A", Project: "prj_A"}
	acmes = apikey.Key{ID: "0123456789abcdef", Owner: "usr_A", Project: "prj_A", Customer: "cus_A"}
)

func check(change func(*verification.Check)) verification.Check {
	c := verification.Check{
		RequestID: "r-1", Route: "GET /api/stats", API: "abc/prod", Address: "192.0.2.7", UserAgent: "curl/8",
		Key: &key, Proven: true, At: time.Date(2030, 1, 2, 3, 4, 5, 678e6, time.UTC), Took: time.Millisecond,
	}
	if change != nil {
		change(&c)
	}
	return c
}

// printed are the lines that checks print.
func printed(checks ...verification.Check) []string {
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	defer slog.SetDefault(before)
	for _, c := range checks {
		c.Print(context.Background())
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

func read(t *testing.T, line string) audit.Use {
	t.Helper()
	u, err := verification.Read(line)
	if err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return u
}

func TestLineTellsWhatItsEntryAndSumsNeed(t *testing.T) {
	u := read(t, printed(check(func(c *verification.Check) { c.Key = &acmes }))[0])
	want := audit.Use{
		Process: u.Process, Number: u.Number, KeyID: key.ID, Owner: "usr_A", Project: "prj_A", Customer: "cus_A", Proven: true, Outcome: "allowed",
		API: "abc/prod", Address: "192.0.2.7", Route: "GET /api/stats", UserAgent: "curl/8", RequestID: "r-1",
		At: time.Date(2030, 1, 2, 3, 4, 5, 678e6, time.UTC),
	}
	if u != want {
		t.Errorf("got  %+v\nwant %+v", u, want)
	}
}

func TestEachUseOfAProcessHasItsOwnNumberInOrder(t *testing.T) {
	lines := printed(check(nil), check(func(c *verification.Check) { c.Key = nil }), check(nil), check(nil))
	first, second, third := read(t, lines[0]), read(t, lines[2]), read(t, lines[3])
	expect.Same(t, "the second's process", second.Process, first.Process)
	expect.Same(t, "the second's number", second.Number, first.Number+1)
	expect.Same(t, "the third's number", third.Number, first.Number+2)
}

func TestOutcomeSaysWhetherTheUseWasRefused(t *testing.T) {
	for _, row := range []struct {
		refusal error
		proven  bool
		refused bool
		outcome string
		level   string
	}{
		{nil, true, false, "allowed", "INFO"},
		{problem.InsufficientScope, true, true, "INSUFFICIENT_SCOPE", "INFO"},
		{problem.APIKeyInvalid, false, true, "API_KEY_INVALID", "INFO"},
		{errors.New("the table does not answer"), true, true, "SERVICE_UNAVAILABLE", "ERROR"},
	} {
		line := printed(check(func(c *verification.Check) { c.Refusal, c.Proven = row.refusal, row.proven }))[0]
		u, of := read(t, line), fmt.Sprintf("%v: ", row.refusal)
		expect.Same(t, of+"refused", u.Refused, row.refused)
		expect.Same(t, of+"outcome", u.Outcome, row.outcome)
		expect.Same(t, of+"proven", u.Proven, row.proven)
		if !strings.Contains(line, `"level":"`+row.level+`"`) {
			t.Errorf("%sthe level is not %s: %s", of, row.level, line)
		}
	}
}

func TestOnlyTheUseOfAKeyMatchesTheSubscription(t *testing.T) {
	term := strings.Trim(verification.FilterPattern, `"`)
	lines := printed(check(nil), check(func(c *verification.Check) { c.Key, c.UserID = nil, "usr_A" }),
		check(func(c *verification.Check) { c.Key, c.UserAgent = nil, `{"key_use":{}}` }))
	for i, line := range lines {
		if strings.Contains(line, term) != (i == 0) {
			t.Errorf("line %d: %s", i, line)
		}
	}
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources struct {
			UsesSubscription struct {
				Properties struct {
					FilterPattern string `yaml:"FilterPattern"`
				} `yaml:"Properties"`
			} `yaml:"UsesSubscription"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	if got := template.Resources.UsesSubscription.Properties.FilterPattern; got != verification.FilterPattern {
		t.Errorf("template.yaml subscribes to %s", got)
	}
}

// What a caller sends stands inside JSON strings, whatever it is.
func TestCallerCannotWriteALineOrAFieldOfItsOwn(t *testing.T) {
	whole := printed(check(nil))[0]
	for _, sent := range []string{
		"\n" + whole, `","key_use":{"process":"x"},"x":"`, "\x00\x01\u2028\xff\xfe", strings.Repeat("\x01", 5000), `\`, `"`,
	} {
		lines := printed(check(func(c *verification.Check) { c.UserAgent, c.Route, c.Address = sent, "GET "+sent, sent }))
		if len(lines) != 1 {
			t.Fatalf("%q: %d lines", sent, len(lines))
		}
		u := read(t, lines[0])
		expect.Same(t, fmt.Sprintf("the key of %q", sent), u.KeyID, key.ID)
		expect.Same(t, fmt.Sprintf("the owner of %q", sent), u.Owner, "usr_A")
		if size := len(u.UserAgent); size > 256*3 {
			t.Errorf("%q: the user agent has %d bytes, want at most %d", sent, size, 256*3)
		}
		if !strings.HasPrefix(u.Route, "GET ") {
			t.Errorf("%q: the route is %q", sent, u.Route)
		}
	}
}

func TestLineOfSomethingElseIsNotTakenForAForgedUse(t *testing.T) {
	for _, line := range []string{
		`{"msg":"request","user_agent":"\"key_use\":{"}`,
		`{"msg":"verification","outcome":"API_KEY_INVALID","address":"key_use"}`,
	} {
		if _, err := verification.Read(line); !errors.Is(err, verification.ErrOther) {
			t.Errorf("%s: %v, want ErrOther", line, err)
		}
	}
	refused := printed(check(func(c *verification.Check) { c.Key, c.Refusal = nil, problem.APIKeyInvalid }))[0]
	if !strings.Contains(refused, `"address":"192.0.2.7"`) {
		t.Errorf("the line does not say from where an unknown key came: %s", refused)
	}
}

func TestLineThatPrintDidNotWriteIsRefused(t *testing.T) {
	good := printed(check(nil))[0]
	change := func(do func(line, use map[string]any)) string {
		var line map[string]any
		if err := json.Unmarshal([]byte(good), &line); err != nil {
			t.Fatal(err)
		}
		do(line, line["key_use"].(map[string]any))
		text, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if _, err := verification.Read(change(func(_, _ map[string]any) {})); err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{
		"nothing": "", "no JSON": "key_use", "a panic that quotes one": "panic: " + good, "two": good + good, "cut off": good[:len(good)-1],
		"a list":                     "[" + good + "]",
		"of another kind":            change(func(l, _ map[string]any) { l["msg"] = "request" }),
		"no use":                     change(func(l, _ map[string]any) { delete(l, "key_use") }),
		"a use that is text":         change(func(l, _ map[string]any) { l["key_use"] = good }),
		"no key":                     change(func(l, _ map[string]any) { delete(l, "key") }),
		"a key id that is none":      change(func(l, _ map[string]any) { l["key"] = "0123456789abcde#" }),
		"no outcome":                 change(func(l, _ map[string]any) { delete(l, "outcome") }),
		"an outcome that is none":    change(func(l, _ map[string]any) { l["outcome"] = "14#allowed" }),
		"no owner":                   change(func(_, u map[string]any) { delete(u, "owner") }),
		"no project":                 change(func(_, u map[string]any) { u["project"] = "" }),
		"no process":                 change(func(_, u map[string]any) { delete(u, "process") }),
		"a process that is none":     change(func(_, u map[string]any) { u["process"] = "1-5" }),
		"a process in other letters": change(func(_, u map[string]any) { u["process"] = strings.Repeat("a", 26) }),
		"number 0":                   change(func(_, u map[string]any) { u["n"] = 0 }),
		"a number that is a string":  change(func(_, u map[string]any) { u["n"] = "1" }),
		"no time":                    change(func(_, u map[string]any) { delete(u, "at") }),
	}
	for name, line := range rows {
		if u, err := verification.Read(line); !errors.Is(err, verification.ErrNotAUse) {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
	}
}

func TestFieldThatALaterReleaseAddsDoesNotMatter(t *testing.T) {
	line := strings.Replace(printed(check(nil))[0], `"key_use":{`, `"key_use":{"later":1,`, 1)
	read(t, line)
}

// A line of an older release says nothing about the customer.
func TestLineOfAKeyOfNoCustomerIsAsItWas(t *testing.T) {
	if line := printed(check(nil))[0]; strings.Contains(line, "customer") {
		t.Errorf("the line is %s", line)
	}
}
