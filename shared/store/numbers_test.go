package store

import (
	"math/rand/v2"
	"testing"
)

func TestNumbersAreASetWhateverTheirOrder(t *testing.T) {
	for range 200 {
		var n numbers
		want := map[int64]bool{}
		for range 60 {
			x := 1 + rand.Int64N(40)
			next, isNew := n.with(x)
			if isNew == want[x] {
				t.Fatalf("%d: new is %v in %s", x, isNew, n)
			}
			n, want[x] = next, true
			again, err := parseNumbers(n.String())
			if err != nil || again.String() != n.String() {
				t.Fatalf("%q reads as %q, %v", n, again, err)
			}
		}
		for x := int64(1); x <= 41; x++ {
			if _, isNew := n.with(x); isNew == want[x] {
				t.Fatalf("%d in %s: %v, want %v", x, n, !isNew, want[x])
			}
		}
	}
}

func TestNumbersThatComeInOrderStayOneRange(t *testing.T) {
	var n numbers
	for x := int64(1); x <= 1000; x++ {
		n, _ = n.with(x)
	}
	if n.String() != "1-1000" {
		t.Errorf("got %q", n)
	}
}

func TestAddingANumberLeavesTheOldSetAlone(t *testing.T) {
	old, err := parseNumbers("1-2,5,8-9")
	if err != nil {
		t.Fatal(err)
	}
	for x := int64(1); x < 12; x++ {
		_, _ = old.with(x)
		if old.String() != "1-2,5,8-9" {
			t.Fatalf("after adding %d it is %q", x, old)
		}
	}
}

func TestTextThatIsNoSetOfNumbersIsAnError(t *testing.T) {
	for _, text := range []string{"x", "0", "-1", "3-2", "1,1", "1-5,5", "1-5,6", "5,1", "1-", "1,,2", "1-5,3-9"} {
		if n, err := parseNumbers(text); err == nil {
			t.Errorf("%q reads as %q", text, n)
		}
	}
}
