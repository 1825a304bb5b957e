package chain

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/gowebpki/jcs"

	"github.com/latchkey/latchkey/tests/expect"
)

// same fails if the text is not written as the library of RFC 8785's author writes it.
func same(t *testing.T, text []byte) {
	t.Helper()
	want, err := jcs.Transform(text)
	if err != nil {
		t.Fatal(err)
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	var value any
	if err := in.Decode(&value); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, string(text), string(appendCanonical(nil, value)), string(want))
}

func TestCanonicalFormIsThatOfRFC8785(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `[1,[],{"a":null,"A":true,"":false}]`, `{"b":1,"a":{"d":-2,"c":0}}`,
		`{"\u20ac":1,"\r":2,"1":3,"\u0080":4,"\ud83d\ude00":5,"\ufb33":6,"\u00f6":7}`, // its own example of an order
		`["<>&\u2028\u2029\u0000\b\t\n\f\r\u001f\"\\\/\u007f\ud83d\ude00"]`,
	} {
		same(t, []byte(text))
	}
}

func FuzzCanonicalFormOfTexts(f *testing.F) {
	f.Add("name", "a\u2028<b>\x00\\")
	f.Fuzz(func(t *testing.T, name, text string) {
		doc, err := json.Marshal(map[string]any{name: text, "z": []any{text, 1}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, doc)
	})
}
