package session_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/tests/expect"
)

// The dashboard names clients by the same table (tests/browser/devices.test.js).
func TestDevicesAreNamedAsPeopleKnowThem(t *testing.T) {
	text, err := os.ReadFile("testdata/devices.json")
	if err != nil {
		t.Fatal(err)
	}
	var names map[string]string
	if err := json.Unmarshal(text, &names); err != nil {
		t.Fatal(err)
	}
	for agent, want := range names {
		expect.Same(t, agent, session.Device(agent), want)
	}
}

func TestNoTextOfACallerIsInTheNameOfAKnownDevice(t *testing.T) {
	for _, agent := range []string{"https://evil.example/ log in", "evil.example", "Mozilla/5.0 evil.example", "Ann's telephone"} {
		name, known := session.KnownDevice(agent)
		expect.Same(t, agent+": its name", name, "Unknown device")
		expect.Same(t, agent+" is known", known, false)
	}
	name, _ := session.KnownDevice("latchkey/evil.example (evil.example)")
	expect.Same(t, "a version that is no number", name, "latchkey")
}
