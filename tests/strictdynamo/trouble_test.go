package strictdynamo_test

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/strictdynamo"
)

func TestResetCallGetsNoAnswerAndMayBeServed(t *testing.T) {
	p := newPlace(t)
	p.Set(func(s *strictdynamo.Settings) { s.ResetRate = 1 })
	for range 10 {
		if err := p.update("a"); err == nil {
			t.Fatal("a call whose connection was reset was answered")
		}
	}
	p.Set(func(s *strictdynamo.Settings) { s.ResetRate = 0 })
	if n := p.touched(t, "a"); n == "0" {
		t.Error("of ten calls without an answer, each tried several times, none was served")
	}
}

func TestSlowCallIsAnsweredLate(t *testing.T) {
	p := newPlace(t)
	p.Set(func(s *strictdynamo.Settings) { s.SlowRate, s.SlowMS = 1, 300 })
	began := time.Now()
	if err := p.put(key("a")); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 300*time.Millisecond {
		t.Errorf("it took %v", took)
	}
}
