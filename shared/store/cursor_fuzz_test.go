package store

import (
	"errors"
	"testing"
)

// FuzzCursor: a cursor that is taken names a place in its own list, with all keys of a place and
// no others, and what we make of that place is taken again.
func FuzzCursor(f *testing.F) {
	for _, place := range []item{
		primaryKey("KEY#A", "AUDIT#1"), primaryKey("KEY#B", "AUDIT#1"), primaryKey("KEY#A", ""),
		{attrPK: str("KEY#A"), attrSK: str("KEY"), attrOwnerPK: str("usr_A#KEY"), attrOwnerSK: str("2030")},
		{attrPK: str("KEY#A"), attrSK: str("KEY"), attrOwnerPK: str("usr_B#KEY"), attrOwnerSK: str("2030")},
		{attrPK: str("KEY#A"), "hits": str("1")},
	} {
		c, err := cursorOf(place)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(c))
		f.Add(string(c) + "\n")
	}
	f.Add("bnVsbA")
	f.Fuzz(func(t *testing.T, sent string) {
		for attribute, list := range map[string]string{attrPK: "KEY#A", attrOwnerPK: "usr_A#KEY"} {
			place, err := Cursor(sent).place(attribute, list)
			switch {
			case err != nil && (!errors.Is(err, ErrCursor) || place != nil):
				t.Fatalf("%q: %v with %v", sent, err, place)
			case err != nil, sent == "" && place == nil:
				continue
			}
			if want := map[string]int{attrPK: 2, attrOwnerPK: 4}[attribute]; len(place) != want {
				t.Fatalf("%q: a place of %d keys, want %d", sent, len(place), want)
			}
			if got := text(place, attribute); got != list {
				t.Fatalf("%q: a place in the list %q, want %q", sent, got, list)
			}
			again, err := cursorOf(place)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := again.place(attribute, list); err != nil && len(again) <= maxCursor {
				t.Fatalf("%q: its place makes the cursor %q, which is refused", sent, again)
			}
		}
	})
}
