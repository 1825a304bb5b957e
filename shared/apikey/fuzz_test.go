package apikey_test

import (
	"hash/crc32"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/apikey"
)

// FuzzKey: what is taken for a key has one spelling, which this test takes apart again by the
// format's own words: prefix, 16 characters of id, 30 of secret, 6 of CRC-32.
func FuzzKey(f *testing.F) {
	for _, prefix := range []string{"gf_", "sk_", "ck_", "ro_", "afk_live_", "abcdefghijklmno_"} {
		f.Add(apikey.New(prefix, apikey.NewID()))
	}
	good := apikey.New("gf_", apikey.NewID())
	for _, text := range []string{"", "gf_", good + "\n", " " + good, strings.ToUpper(good), good[:len(good)-1], "_" + good, good + good, "gf_é" + good[4:]} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := apikey.ID(text)
		if err != nil {
			if id != "" {
				t.Fatalf("%q is refused, and has the id %q", text, id)
			}
			return
		}
		body, sum := text[:len(text)-6], text[len(text)-6:]
		prefix, _, _ := strings.Cut(body[:len(body)-46], id)
		if !apikey.ValidID(id) || body[len(body)-46:len(body)-30] != id {
			t.Fatalf("%q: %q is not its id", text, id)
		}
		if strings.Trim(prefix, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || len(prefix) < 2 || len(prefix) > 16 {
			t.Fatalf("%q: its prefix is %q", text, prefix)
		}
		n := uint32(0)
		for _, c := range sum {
			n = n*62 + uint32(strings.IndexRune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", c))
		}
		if n != crc32.ChecksumIEEE([]byte(body)) {
			t.Fatalf("%q: its checksum is wrong", text)
		}
	})
}
