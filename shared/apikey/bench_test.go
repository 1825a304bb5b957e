package apikey_test

import (
	"testing"

	"github.com/latchkey/latchkey/shared/apikey"
)

func BenchmarkID(b *testing.B) {
	key := apikey.New("gf_", apikey.NewID())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := apikey.ID(key); err != nil {
			b.Fatal(err)
		}
	}
}
