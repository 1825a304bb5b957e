package secret_test

import (
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/secret"
)

// FuzzRing: a ring that is taken has a current version of 32 bytes at least, and a hash made with
// it is found with it. A text that is refused is not quoted.
func FuzzRing(f *testing.F) {
	for _, text := range []string{
		`{"current":"1","1":"` + one + `"}`, `{"current":"2","1":"` + one + `","2":"` + two + `"}`, `{"current":"current"}`, `{"current":"` + one + `"}`,
		`{"current":"1","1":"` + weak + `"}`, `{"current":"1","1":"` + one + `","1":"` + weak + `"}`, `{"Current":"1","1":"` + one + `"}`, `{"current":"","":"` + one + `"}`,
		`{"current":"a:b","a:b":"` + one + `"}`, `[]`, `null`, ``, `{`, `{"current":"1","1":"` + one + `"}x`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ring, err := secret.ParseRing(text)
		if err != nil {
			if i := strings.Index(text, one); i >= 0 && strings.Contains(err.Error(), one) {
				t.Fatalf("the error quotes the secret: %v", err)
			}
			return
		}
		version, value := ring.Current()
		if len(value) < 32 || !ring.Has(version) {
			t.Fatalf("%q: the current version %q has %d bytes", text, version, len(value))
		}
		mac := ring.MAC("key")
		found := 0
		for _, candidate := range ring.MACs("key") {
			if candidate == mac {
				found++
			}
		}
		if found != 1 {
			t.Fatalf("%q: its hash is found %d times", text, found)
		}
		if !ring.Has(secret.VersionOf(mac)) || secret.VersionOf(mac) != version {
			t.Fatalf("%q: the version of its hash is %q, want %q", text, secret.VersionOf(mac), version)
		}
	})
}
