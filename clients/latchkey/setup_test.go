//go:build e2e && linux

package main_test

import (
	"context"
	"crypto/rand"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/pquerna/otp/totp"

	"github.com/latchkey/latchkey/tests/expect"
	"github.com/latchkey/latchkey/tests/invoke"
)

// talk runs a command at the terminal. At each question it types what answers make of all that stands there.
func (term terminal) talk(t *testing.T, h home, answers []func(shown string) string, args ...string) (exit int, shown string) {
	t.Helper()
	c := h.command("", args...)
	c.Stdin, c.Stdout, c.Stderr = term.commands, term.commands, term.commands
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	all := make(chan string)
	go func() {
		var text string
		for part := make([]byte, 4096); ; {
			n, err := term.Read(part)
			text += string(part[:n])
			if strings.HasSuffix(text, ": ") && len(answers) > 0 {
				_, _ = io.WriteString(term, answers[0](text)+"\n")
				answers = answers[1:]
			}
			if err != nil { // nobody is at the other end
				all <- text
				return
			}
		}
	}()
	_ = c.Wait()
	_ = term.commands.Close()
	return c.ProcessState.ExitCode(), <-all
}

// It changes how everybody signs in, so it runs with the tests of the doctor, alone.
func TestRequiredFactorIsAddedAtATerminalAndASignInWithoutOneSaysWhere(t *testing.T) {
	email, password := "required-"+strings.ToLower(rand.Text())+"@example.com", rand.Text()
	_, in := api(t, "POST", "/v1/auth/login", "", `{"email":"`+adminEmail+`","password":"`+adminPassword+`"}`)
	status, _ := api(t, "POST", "/v1/auth/register", in["token"].(string), `{"email":"`+email+`","password":"`+password+`"}`)
	expect.Same(t, "the registration: status", status, 201)
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	restore, err := invoke.Set(t.Context(), cfg, "TokensLoginFunction", "REQUIRE_FACTOR", "all")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := restore(context.Background()); err != nil {
			t.Error(err)
		}
	})
	h := newHome(t)
	refused := h.run(t, password+"\n", "login", "--email", email, "--password-stdin").is(t, 3)
	expect.Same(t, "it says where to add one", strings.Contains(refused.errors, "/dashboard, and add one"), true)

	var secret string
	code := func(steps int) string {
		c, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
		if err != nil {
			t.Error(err)
		}
		return c
	}
	exit, shown := newTerminal(t, 200).talk(t, h, []func(string) string{
		func(string) string { return password },
		func(shown string) string {
			secret = regexp.MustCompile(`\b[A-Z2-7]{32}\b`).FindString(shown)
			return code(-1)
		},
		func(string) string { return code(0) },
	}, "login", "--email", email)
	if exit != 0 || !strings.Contains(shown, "signed in") || strings.Count(shown, "-") < 30 {
		t.Fatalf("ended with %d, want 0 after recovery codes were shown:\n%s", exit, shown)
	}
	h.run(t, "", "whoami").is(t, 0)
}
