package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/password/passwordtest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestFirstAdministratorIsMadeOnceAndThePasswordShownOnce(t *testing.T) {
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	defer slog.SetDefault(before)
	ctx, s := context.Background(), storetest.New(t)
	h := handler{s, passwordtest.Cost, time.Hour}
	opens := func(given string) bool {
		t.Helper()
		found, err := s.Login(ctx, "root@example.com")
		if err != nil {
			t.Fatal(err)
		}
		ok, _, err := passwordtest.Cost.Matches(given, found.PasswordHash)
		return ok && err == nil
	}
	first, err := h.serve(ctx, Request{Email: "Root@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if !first.Created {
		t.Fatal("first.Created: false, want true")
	}
	if !opens(first.Password) {
		t.Fatal("opens(first.Password): false, want true")
	}
	found, err := s.Login(ctx, "root@example.com")
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.User(ctx, found.UserID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the role", u.Role, "admin")
	again, err := h.serve(ctx, Request{Email: "root@example.com"})
	if err != nil {
		t.Fatalf("again: %v", err)
	}
	expect.Same(t, "again: again.Created", again.Created, false)
	expect.Same(t, "again: a password is shown", again.Password != "", false)
	expect.Same(t, "again: opens(first.Password)", opens(first.Password), true)
	reset, err := h.serve(ctx, Request{Email: "root@example.com", ResetPassword: true})
	if err != nil {
		t.Fatalf("reset: %v", err)
	}
	expect.Same(t, "reset: reset.Created", reset.Created, false)
	expect.Same(t, "reset: opens(reset.Password)", opens(reset.Password), true)
	expect.Same(t, "reset: opens(first.Password)", opens(first.Password), false)
	if a, err := h.serve(ctx, Request{Email: "toor@example.com", ResetPassword: true}); err == nil {
		t.Errorf("a reset of nobody's password: %+v", a)
	}
	if _, err := s.Login(ctx, "toor@example.com"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a reset of nobody's password made somebody: %v", err)
	}
	for _, email := range []string{"", "root", "a b@example.com"} {
		if a, err := h.serve(ctx, Request{Email: email}); err == nil {
			t.Errorf("%q: %+v", email, a)
		}
	}
	expect.Same(t, "the log contains first.Password", strings.Contains(out.String(), first.Password), false)
	expect.Same(t, "the log contains reset.Password", strings.Contains(out.String(), reset.Password), false)
}
