package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

func TestErrorSaysWhatWasAttemptedAndNamesNobody(t *testing.T) {
	s := storetest.New(t)
	ended, end := context.WithCancel(context.Background())
	end()
	for want, attempt := range map[string]func() error{
		"failed to read the user item": func() error { _, err := s.User(ended, "usr_A"); return err },
		"failed to read the email item": func() error {
			_, err := s.Login(ended, "ann@example.com")
			return err
		},
		"failed to query a page of a list": func() error {
			_, _, err := s.Projects(ended, "usr_A", store.Page{Limit: 1})
			return err
		},
		"failed to count a request on the session item": func() error {
			_, _, err := s.CheckSession(ended, "ses_A", &reading, now)
			return err
		},
		"failed to change a key (revoked)": func() error {
			_, err := s.RevokeKey(ended, newKey(t, s, nil), audit.New(audit.Revoked, audit.Source{Now: now}, time.Hour))
			return err
		},
		"failed to end a session": func() error { return s.EndSession(ended, "ses_A", "usr_A") },
	} {
		err := attempt()
		if err == nil {
			t.Errorf("no error; want %q", want)
			continue
		}
		if !strings.HasPrefix(err.Error(), want+": ") {
			t.Errorf("got %q, want it to begin with %q", err, want)
		}
		for _, secret := range []string{"ann@example.com", "usr_A", "ses_A"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%q names %s", err, secret)
			}
		}
	}
}
