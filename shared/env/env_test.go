package env_test

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/env"
)

type settings struct {
	name  string
	count int
	wait  time.Duration
	keep  time.Duration
	mode  string
}

var read = env.Build(func(r *env.Reader) settings {
	return settings{r.Required("NAME"), r.Int("COUNT", 0), r.Seconds("WAIT"), r.Days("KEEP"), r.Either("MODE", "edge", "function")}
})

func TestSettingsAreReadFromTheEnvironment(t *testing.T) {
	t.Setenv("NAME", "latchkey")
	t.Setenv("COUNT", "0")
	t.Setenv("WAIT", "90")
	t.Setenv("KEEP", "2")
	t.Setenv("MODE", "")
	got, err := read()
	if err != nil {
		t.Fatal(err)
	}
	if want := (settings{"latchkey", 0, 90 * time.Second, 48 * time.Hour, "edge"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestEveryMistakeInTheSettingsIsNamedAtOnce(t *testing.T) {
	t.Setenv("NAME", "")
	t.Setenv("COUNT", "-1")
	t.Setenv("WAIT", "0")
	t.Setenv("KEEP", "two")
	t.Setenv("MODE", "Edge")
	got, err := read()
	if err == nil {
		t.Fatalf("wrong settings were taken: %+v", got)
	}
	if got != (settings{}) {
		t.Errorf("something was made of wrong settings: %+v", got)
	}
	for _, name := range []string{"NAME", "COUNT", "WAIT", "KEEP", "MODE"} {
		if !strings.Contains(err.Error(), "environment variable "+name) {
			t.Errorf("the error does not name %s: %v", name, err)
		}
	}
}
