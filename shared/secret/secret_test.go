package secret_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/tests/expect"
)

var (
	now  = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	ctx  = context.Background()
	weak = strings.Repeat("w", 31)
	one  = strings.Repeat("1", 32)
	two  = strings.Repeat("2", 32)
)

func TestWeakOrUnreadableSecretIsRefusedAndNotQuoted(t *testing.T) {
	for _, text := range []string{
		"", "null", "[]", `"` + one + `"`, `{}`, `{"current":"1"}`, `{"current":"1","1":""}`, `{"current":"2","1":"` + one + `"}`,
		`{"current":"1","1":"` + weak + `"}`, `{"current":"1","1":"` + one + `","2":"` + weak + `"}`, `{"current":"1","1":7}`, `{"current":"","":"` + one + `"}`, `{"current":"1","1":"` + one + `","":"` + two + `"}`, `{"current":"1","1":"` + one,
	} {
		_, err := secret.ParseRing(text)
		if err == nil {
			t.Errorf("%q was taken", text)
			continue
		}
		expect.Same(t, text+": that the error quotes the weak secret", strings.Contains(err.Error(), weak), false)
		expect.Same(t, text+": that the error quotes the good secret", strings.Contains(err.Error(), one), false)
	}
}

func TestOlderHashIsFoundWithTheRing(t *testing.T) {
	before, err := secret.ParseRing(`{"current":"1","1":"` + one + `"}`)
	if err != nil {
		t.Fatal(err)
	}
	after, err := secret.ParseRing(`{"current":"2","1":"` + one + `","2":"` + two + `"}`)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "that the ring finds the hash of the older secret", slices.Contains(after.MACs("key"), before.MAC("key")), true)
	expect.Same(t, "that the ring finds the hash of its current secret", slices.Contains(after.MACs("key"), after.MAC("key")), true)
	expect.Same(t, "that another key has the same hash", slices.Contains(after.MACs("another"), before.MAC("key")), false)
	expect.Same(t, "that two secrets give the same hash", before.MAC("key") == after.MAC("key"), false)
}

func TestSecretIsReadAgainWhenOldAndKeptWhenUnreadable(t *testing.T) {
	moment, reads, text, fault := now, 0, `{"current":"1","1":"`+one+`"}`, error(nil)
	s := secret.NewSource(func(context.Context) (string, error) { reads++; return text, fault }, func() time.Time { return moment })
	current := func() string {
		t.Helper()
		ring, err := s.Ring(ctx)
		if err != nil {
			t.Fatal(err)
		}
		version, _ := ring.Current()
		return version
	}
	for range 3 {
		current()
	}
	if reads != 1 {
		t.Errorf("%d reads", reads)
	}
	text = `{"current":"2","1":"` + one + `","2":"` + two + `"}`
	moment = now.Add(5 * time.Minute)
	expect.Same(t, "the version after 5 minutes", current(), "2")
	expect.Same(t, "the reads after 5 minutes", reads, 2)
	fault = errors.New("down")
	moment = now.Add(10 * time.Minute)
	for range 3 {
		expect.Same(t, "the version while Secrets Manager is down", current(), "2")
		expect.Same(t, "the reads while Secrets Manager is down", reads, 3)
	}
	fault, text = nil, "broken"
	moment = now.Add(15 * time.Minute)
	if current() != "2" {
		t.Error("a broken secret was taken")
	}
}

func TestVersionIsParsedOnceUntilTheSecretIsReadAgain(t *testing.T) {
	moment, parsed := now, 0
	s := secret.NewSource(func(context.Context) (string, error) {
		return `{"current":"1","1":"` + one + `","2":"` + two + `"}`, nil
	},
		func() time.Time { return moment })
	parse := func(value []byte) (string, error) { parsed++; return "parsed " + string(value), nil }
	read := func(version, want string) {
		t.Helper()
		ring, err := s.Ring(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got, err := secret.Parsed(ring, version, parse)
		if err != nil || got != want {
			t.Fatalf("version %s: %q, %v; want %q", version, got, err, want)
		}
	}
	for range 3 {
		read("1", "parsed "+one)
		read("2", "parsed "+two)
	}
	expect.Same(t, "how often two versions were parsed", parsed, 2)
	moment = now.Add(5 * time.Minute)
	read("1", "parsed "+one)
	expect.Same(t, "how often after the secret was read again", parsed, 3)
}

func TestVersionThatCannotBeParsedIsTriedAgain(t *testing.T) {
	ring, err := secret.ParseRing(`{"current":"1","1":"` + one + `"}`)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := secret.Parsed(ring, "1", func([]byte) (int, error) { return 7, errors.New("unreadable") }); err == nil {
		t.Errorf("got %v without an error", got)
	}
	if got, err := secret.Parsed(ring, "1", func([]byte) (int, error) { return 8, nil }); err != nil || got != 8 {
		t.Errorf("got %v, %v; want 8", got, err)
	}
}

func TestInventedVersionsCauseOneReadInTenSeconds(t *testing.T) {
	moment, reads := now, 0
	s := secret.NewSource(func(context.Context) (string, error) { reads++; return `{"current":"1","1":"` + one + `"}`, nil },
		func() time.Time { return moment })
	for range 100 {
		if ring, err := s.RingWith(ctx, "invented"); err != nil {
			t.Fatal(err)
		} else if _, ok := ring.Version("invented"); ok {
			t.Fatal("it is there")
		}
	}
	if reads != 2 {
		t.Errorf("%d reads", reads)
	}
}

func TestVersionIsNotDeniedWhileTheSecretCannotBeRead(t *testing.T) {
	moment, text, fault := now, `{"current":"1","1":"`+one+`"}`, error(nil)
	s := secret.NewSource(func(context.Context) (string, error) { return text, fault }, func() time.Time { return moment })
	if _, err := s.Ring(ctx); err != nil {
		t.Fatal(err)
	}
	fault = errors.New("down")
	for range 3 {
		if _, err := s.RingWith(ctx, "2"); err == nil {
			t.Error("down: no error for a version that may be there")
		}
		if _, err := s.RingWith(ctx, "1"); err != nil {
			t.Errorf("down: the version that was read before: %v", err)
		}
	}
	fault, text = nil, `{"current":"2","1":"`+one+`","2":"`+two+`"}`
	moment = now.Add(10 * time.Second)
	ring, err := s.RingWith(ctx, "2")
	if err != nil {
		t.Fatalf("up again: %v", err)
	}
	expect.Same(t, "that version 2 is there once Secrets Manager is up again", ring.Has("2"), true)
}

func TestNoSecretIsAnErrorAndNotAnEmptySecret(t *testing.T) {
	s := secret.NewSource(func(context.Context) (string, error) { return "", errors.New("down") }, func() time.Time { return now })
	if _, err := s.Ring(ctx); err == nil {
		t.Error("no error")
	}
	if _, err := s.RingWith(ctx, "1"); err == nil {
		t.Error("no error")
	}
}

func TestEnvironmentSecretIsForSamLocalOnly(t *testing.T) {
	t.Setenv("SIGNING_SECRET_ARN", "")
	t.Setenv("JWT_SECRET", one)
	for _, word := range []string{"", "false", "1", "TRUE"} {
		t.Setenv("AWS_SAM_LOCAL", word)
		if _, err := env.Build(secret.Signing)(); err == nil {
			t.Errorf("AWS_SAM_LOCAL=%q: JWT_SECRET was taken", word)
		}
	}
	t.Setenv("AWS_SAM_LOCAL", "true")
	s, err := env.Build(secret.Signing)()
	if err != nil {
		t.Fatal(err)
	}
	if ring, err := s.Ring(ctx); err != nil {
		t.Error(err)
	} else if _, value := ring.Current(); string(value) != one {
		t.Error("another secret")
	}
	for _, text := range []string{weak, "ghostly-secret"} {
		t.Setenv("JWT_SECRET", text)
		_, err := env.Build(secret.Signing)()
		if err == nil {
			t.Errorf("%q was taken", text)
			continue
		}
		expect.Same(t, "that the error quotes "+text, strings.Contains(err.Error(), text), false)
	}
}
