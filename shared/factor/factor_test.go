package factor_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/tests/expect"
)

var ctx = context.Background()

// RFC 6238, appendix B: the last six digits of those of eight.
func TestCodesAreThoseOfTheRFC(t *testing.T) {
	for seconds, code := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		expect.Same(t, code, factor.Step([]byte("12345678901234567890"), code, time.Unix(seconds, 0)), seconds/30)
	}
}

func TestACodeIsGoodOneStepAroundItsOwn(t *testing.T) {
	plain, now := factor.NewSecret(), time.Unix(1_800_000_015, 0)
	for steps := -3; steps <= 3; steps++ {
		code, err := totp.GenerateCode(factor.Base32(plain), now.Add(time.Duration(steps)*30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		found := factor.Step(plain, code, now) != 0
		expect.Same(t, "a code of "+time.Duration(steps*30e9).String()+" later is good", found, steps >= -1 && steps <= 1)
	}
}

func TestASealedSecretOpensAsThatFactorOfThatUserAlone(t *testing.T) {
	vault := factor.NewVault(secrettest.Source())
	f := factor.Begin("usr_A", factor.TOTP, "app", "ses_A", time.Now())
	plain := factor.NewSecret()
	var err error
	if f.Secret, err = vault.Seal(ctx, f, plain); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the item has the secret", strings.Contains(f.Secret, factor.Base32(plain)), false)
	opened, err := vault.Open(ctx, f)
	expect.Same(t, "the error", err, nil)
	expect.Same(t, "the secret", string(opened), string(plain))
	for name, change := range map[string]func(*factor.Factor){
		"of another user":   func(f *factor.Factor) { f.UserID = "usr_B" },
		"of another factor": func(f *factor.Factor) { f.ID = "fct_B" },
		"cut off":           func(f *factor.Factor) { f.Secret = f.Secret[:10] },
		"altered":           func(f *factor.Factor) { f.Secret = f.Secret[:len(f.Secret)-4] + "AAAA" },
		"of a lost version": func(f *factor.Factor) { f.Secret = "9" + f.Secret[1:] },
	} {
		other := f
		change(&other)
		if _, err := vault.Open(ctx, other); err == nil {
			t.Errorf("a secret %s opens", name)
		}
	}
	down := factor.NewVault(secret.NewSource(func(context.Context) (string, error) { return "", errors.New("down") }, time.Now))
	if _, err := down.Open(ctx, f); err == nil {
		t.Error("a secret opens without its key")
	}
}

func TestRecoveryCodesAreLongDifferentAndOfOneUser(t *testing.T) {
	vault, codes := factor.NewVault(secrettest.Source()), factor.NewCodes()
	seen := map[string]bool{}
	for _, code := range codes {
		expect.Same(t, code+": letters", len(strings.ReplaceAll(code, "-", "")), 16) // of five bits
		seen[code] = true
	}
	expect.Same(t, "different codes", len(seen), 10)
	hashes, err := vault.Hashes(ctx, "usr_A", codes)
	if err != nil {
		t.Fatal(err)
	}
	for user, code := range map[string]string{"usr_A": strings.ToUpper(codes[7]), "usr_B": codes[7]} {
		match, err := vault.Match(ctx, user, code, hashes)
		expect.Same(t, user+": the error", err, nil)
		expect.Same(t, user+": the code matches", match == hashes[7], user == "usr_A")
	}
}
