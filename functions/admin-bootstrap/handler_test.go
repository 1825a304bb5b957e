package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

func TestFirstAdministratorIsMadeOnceAndThePasswordShownOnce(t *testing.T) {
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	defer slog.SetDefault(before)
	ctx, s := context.Background(), storetest.New(t)
	h := handler{s}
	opens := func(given string) bool {
		t.Helper()
		found, err := s.Login(ctx, "root@example.com")
		if err != nil {
			t.Fatal(err)
		}
		ok, err := password.Matches(given, found.PasswordHash)
		return ok && err == nil
	}
	first, err := h.serve(ctx, Request{Email: "Root@example.com"})
	if err != nil || !first.Created || !opens(first.Password) {
		t.Fatalf("%+v, %v", first, err)
	}
	found, err := s.Login(ctx, "root@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if u, err := s.User(ctx, found.UserID); err != nil || u.Role != "admin" {
		t.Errorf("%+v, %v", u, err)
	}
	again, err := h.serve(ctx, Request{Email: "root@example.com"})
	if err != nil || again.Created || again.Password != "" || !opens(first.Password) {
		t.Errorf("again: %+v, %v", again, err)
	}
	reset, err := h.serve(ctx, Request{Email: "root@example.com", ResetPassword: true})
	if err != nil || reset.Created || !opens(reset.Password) || opens(first.Password) {
		t.Errorf("reset: %+v, %v", reset, err)
	}
	for _, email := range []string{"", "root", "a b@example.com"} {
		if a, err := h.serve(ctx, Request{Email: email}); err == nil {
			t.Errorf("%q: %+v", email, a)
		}
	}
	if strings.Contains(out.String(), first.Password) || strings.Contains(out.String(), reset.Password) {
		t.Error("a password is in the log")
	}
}
