package store_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"

	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

// A caller knows the partition of its own list, and can write a cursor that passes for
// one of ours until DynamoDB reads it.
func TestMadeUpCursorIsRefusedAndNoFailure(t *testing.T) {
	s := storetest.New(t)
	for _, sk := range []string{"A", "KEY"} { // before the log, and after it
		forged := cursor(t, map[string]string{"pk": "KEY#A", "sk": sk})
		_, _, err := s.AuditLog(context.Background(), "A", store.Page{After: forged, Limit: 1}, now)
		if !errors.Is(err, store.ErrCursor) {
			t.Errorf("a place at %s: got %v, want ErrCursor", sk, err)
		}
	}
}

func cursor(t *testing.T, place map[string]string) store.Cursor {
	t.Helper()
	text, err := json.Marshal(place)
	if err != nil {
		t.Fatal(err)
	}
	return store.Cursor(base64.RawURLEncoding.EncodeToString(text))
}
