package apikey_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestKeyCarriesItsID(t *testing.T) {
	for _, prefix := range []string{"gf_", "sk_", "ck_", "ro_", "afk_live_", "a_", "abcdefghijklmno_"} {
		id := apikey.NewID()
		got, err := apikey.ID(apikey.New(prefix, id))
		if err != nil {
			t.Errorf("%s: %v", prefix, err)
		}
		expect.Same(t, prefix+": the id in the key", got, id)
		expect.Same(t, "that "+id+" is a valid id", apikey.ValidID(id), true)
	}
}

// No secret, hash or table takes part: it is refused for its form alone.
func TestEveryMistypedCharacterIsRefused(t *testing.T) {
	for _, prefix := range []string{"gf_", "afk_live_"} {
		full := apikey.New(prefix, apikey.NewID())
		for i := range full {
			for c := range 256 {
				if mutant := full[:i] + string([]byte{byte(c)}) + full[i+1:]; mutant != full {
					if id, err := apikey.ID(mutant); !errors.Is(err, apikey.ErrMalformed) {
						t.Fatalf("character %d as byte %d: id %q, %v", i, c, id, err)
					}
				}
			}
			for _, mutant := range []string{full[:i] + full[i+1:], full[:i] + full[i:i+1] + full[i:]} {
				if _, err := apikey.ID(mutant); !errors.Is(err, apikey.ErrMalformed) {
					t.Fatalf("character %d left out or doubled: %v", i, err)
				}
			}
		}
	}
}

func TestNonsenseIsNoKey(t *testing.T) {
	full := apikey.New("gf_", apikey.NewID())
	for _, text := range []string{"", "gf_", " " + full, full + " ", full + "\n", strings.ToUpper(full), strings.Repeat("a", 2000), full + full, "a.b.c"} {
		if _, err := apikey.ID(text); !errors.Is(err, apikey.ErrMalformed) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestPrefixOfATypeIsNoProjects(t *testing.T) {
	for prefix, want := range map[string]bool{
		"gf_": true, "afk_live_": true, "a_": true, "abcdefghijklmno_": true,
		"sk_": false, "ck_": false, "ro_": false, "": false, "_": false, "a": false, "gf": false, "GF_": false, "1a_": false,
		"abcdefghijklmnop_": false, "a-b_": false, "a b_": false, "a_\n": false, "é_": false,
	} {
		if apikey.ValidPrefix(prefix) != want {
			t.Errorf("%q: %v", prefix, !want)
		}
	}
}

func TestCharactersOfASecretAreEvenlySpread(t *testing.T) {
	counts, n := map[rune]int{}, 0
	seen := map[string]bool{}
	for range 5000 {
		id := apikey.NewID()
		if seen[id] {
			t.Fatal("an id came twice")
		}
		seen[id] = true
		for _, c := range id {
			counts[c]++
			n++
		}
	}
	mean := float64(n) / 62
	chi := 0.0
	for _, c := range counts {
		chi += (float64(c) - mean) * (float64(c) - mean) / mean
	}
	expect.Same(t, "the number of characters in use", len(counts), 62)
	if chi > 140 { // 61 degrees of freedom: beyond 140 once in ten million
		t.Errorf("chi-square is %.0f, want 140 at most", chi)
	}
}

func TestMaskShowsEightCharacters(t *testing.T) {
	full := apikey.New("gf_", apikey.NewID())
	if got := apikey.Mask(full); got != full[:8]+"••••••••" {
		t.Error(got)
	}
}

func TestWrongSecretIsInvalidWhateverTheKeysState(t *testing.T) {
	now := time.Unix(1_900_000_000, 0)
	k := apikey.Key{Hash: "1:a", PrevHash: "1:b", PrevUntil: now.Unix(), Generation: 2, RevokedAt: &now}
	for candidate, want := range map[string]error{"1:a": apikey.ErrRevoked, "1:b": apikey.ErrInvalid, "1:c": apikey.ErrInvalid, "": apikey.ErrInvalid} {
		if err := k.CheckHash([]string{candidate}, now); !errors.Is(err, want) {
			t.Errorf("%q: %v", candidate, err)
		}
	}
	empty := apikey.Key{}
	if err := empty.CheckHash([]string{""}, now); !errors.Is(err, apikey.ErrInvalid) {
		t.Errorf("an item without a hash: %v", err)
	}
}
