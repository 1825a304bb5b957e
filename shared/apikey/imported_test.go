package apikey_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestImportedKeyIsFoundByItsHashOrByItsIdentifier(t *testing.T) {
	for text, want := range map[string]string{
		"shop_live_8f3kQ0vT2mXc04aB":           apikey.IDOfHash(sum("shop_live_8f3kQ0vT2mXc04aB")),
		"9f86d081-884c-7d65-9a2f-eaa0c55ad015": apikey.IDOfHash(sum("9f86d081-884c-7d65-9a2f-eaa0c55ad015")),
		"c2hvcCBrZXkgb2YgMTcrLw==-_~+/=":       apikey.IDOfHash(sum("c2hvcCBrZXkgb2YgMTcrLw==-_~+/=")),
		"9d2mXc04.8f3kQ0vT2mXc04aBcdef":        apikey.IDOfIdentifier("9d2mXc04"),
	} {
		id, imported, err := apikey.Locate(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		expect.Same(t, text+": imported", imported, true)
		expect.Same(t, text+": id", id, want)
		expect.Same(t, text+": id is valid", apikey.ValidID(id), true)
	}
}

func TestOurOwnKeyIsNeverTakenForAnImportedOne(t *testing.T) {
	key := apikey.New("gf_", apikey.NewID())
	_, imported, err := apikey.Locate(key)
	if imported || err != nil {
		t.Errorf("imported: %t, %v", imported, err)
	}
	mistyped := key[:len(key)-1] + map[bool]string{true: "1", false: "0"}[key[len(key)-1] == '0']
	if _, _, err := apikey.Locate(mistyped); !errors.Is(err, apikey.ErrMalformed) {
		t.Errorf("a wrong checksum: %v", err)
	}
}

func TestWhatCannotBeAnImportedKeyIsNotLookedFor(t *testing.T) {
	secret := strings.Repeat("s", apikey.MinSecret)
	for _, text := range []string{
		"", "short", secret[1:], strings.Repeat("s", apikey.MaxImported+1),
		secret + "\n", secret + " " + secret, secret + ",x", secret + "é", secret + "\x00", secret + "|x",
		"." + secret, "id." + secret[1:], "a.b." + secret, "a.b.c", "id..", strings.Repeat("i", apikey.MaxIdentifier+1) + "." + secret,
	} {
		if id, _, err := apikey.Locate(text); !errors.Is(err, apikey.ErrMalformed) {
			t.Errorf("%.40q: id %q, %v", text, id, err)
		}
	}
}

func TestHashBeforeTheFirstUseIsNeitherTheImportedOneNorThatOfAPepper(t *testing.T) {
	of := sum("key")
	for _, salted := range []bool{true, false} {
		hash := apikey.Unpeppered(of, salted)
		if !apikey.IsUnpeppered(hash) || strings.Contains(hash, string(of)) {
			t.Errorf("%q", hash)
		}
	}
	expect.Same(t, "no salt", apikey.Salt{}.Unpeppered("key"), apikey.Unpeppered(of, false))
	expect.Same(t, "before", apikey.Salt{Salt: []byte("salt")}.Unpeppered("key"), apikey.Unpeppered(sum("saltkey"), true))
	expect.Same(t, "after", apikey.Salt{Salt: []byte("salt"), SaltAfter: true}.Unpeppered("key"), apikey.Unpeppered(sum("keysalt"), true))
	if joined := (apikey.Salt{}).Unpeppered("keysalt"); joined == (apikey.Salt{Salt: []byte("salt"), SaltAfter: true}).Unpeppered("key") {
		t.Error("a key joined with its salt is another key")
	}
}

func sum(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// FuzzImportedKey: a text that is looked for has an id of the right form, has the form of no key of
// ours and of no token, and only characters that a header may have.
func FuzzImportedKey(f *testing.F) {
	for _, text := range []string{"shop_live_8f3kQ0vT2mXc04aB", "9d2mXc04.8f3kQ0vT2mXc04aBcdef", "a.b.c", "", apikey.New("gf_", apikey.NewID()) + "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, imported, err := apikey.Locate(text)
		_, own := apikey.ID(text)
		switch {
		case err != nil && (id != "" || imported || own == nil):
			t.Fatalf("%q is refused, with id %q", text, id)
		case err == nil && imported == (own == nil):
			t.Fatalf("%q: imported is %t", text, imported)
		case err == nil && !apikey.ValidID(id):
			t.Fatalf("%q: id %q", text, id)
		case imported && (len(text) < 20 || len(text) > 256 || strings.Count(text, ".") > 1 || strings.ContainsAny(text, " \t\r\n,\"\\")):
			t.Fatalf("%q is looked for", text)
		}
	})
}
