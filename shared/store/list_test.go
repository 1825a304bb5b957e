package store_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

func TestForgedCursorOfAListIsNoErrorOfOurs(t *testing.T) {
	s := storetest.New(t)
	newKey(t, s, nil)
	place := func(sk string) store.Cursor {
		return store.Cursor(base64.RawURLEncoding.EncodeToString(
			[]byte(`{"by_owner_pk":"usr_A#KEY","by_owner_sk":"` + sk + `","pk":"x","sk":"y"}`)))
	}
	for _, cursor := range []store.Cursor{place("x"), place("\uffff"), place(strings.Repeat("x", 1100)), "{}", "bnVsbA", "e30"} {
		_, _, err := s.Keys(context.Background(), "usr_A", store.Page{After: cursor, Limit: 10})
		if err != nil && !errors.Is(err, store.ErrCursor) {
			t.Errorf("cursor %.40s: %v", cursor, err)
		}
	}
}
