package strength_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/password/strength"
)

func TestCommonPasswordsAndTheirVariationsAreRefused(t *testing.T) {
	for _, text := range []string{
		"password", "password1", "P@ssw0rd", "12345678", "qwertyuiop", "iloveyou", "letmein123", "sunshine99", "zxcvbnm,./",
		"aaaaaaaa", "ann@example.com", "annexample",
	} {
		if err := strength.Check(text, "ann@example.com", "ann", "example"); !errors.Is(err, strength.ErrGuessable) {
			t.Errorf("%s is taken: %v", text, err)
		}
	}
	for _, text := range []string{"correct horse battery", "xK4#pQ9z", "Vn8dTq2mR5", "пароль из слов"} {
		if err := strength.Check(text, "ann@example.com", "ann", "example"); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTheLongestPasswordsAreEstimatedInTime(t *testing.T) {
	for _, unit := range []string{"a", "ab1!", "pass", "é", "\x00"} {
		text := strings.Repeat(unit, password.MaxBytes/len(unit))
		began := time.Now()
		_ = strength.Check(text, text)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%q, repeated, takes %s", unit, took)
		}
	}
}
