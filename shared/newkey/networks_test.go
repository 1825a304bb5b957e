package newkey

import (
	"slices"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

func TestAllowedNetworksAreKeptInOneForm(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.7":            "192.0.2.7/32",
		"192.0.2.7/24":         "192.0.2.0/24",
		"2001:DB8::7":          "2001:db8::7/128",
		"2001:db8::7/32":       "2001:db8::/32",
		"::ffff:192.0.2.7":     "192.0.2.7/32",
		"::ffff:192.0.2.7/120": "192.0.2.0/24",
		"0.0.0.0/0":            "0.0.0.0/0",
		"::/0":                 "::/0",
	} {
		got, message := networks([]string{text})
		expect.Same(t, text+": message", message, "")
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got: %v, want %v", text, got, []string{want})
		}
	}
}

func TestWhatIsNoNetworkIsRefused(t *testing.T) {
	for _, text := range []string{"", "x", "300.0.0.1", "192.0.2.7/33", "192.0.2", "fe80::1%eth0", "fe80::%eth0/64", " 192.0.2.7", "192.0.2.07"} {
		if got, message := networks([]string{text}); message == "" {
			t.Errorf("%q became %v", text, got)
		}
	}
}
