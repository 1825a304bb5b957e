package storetest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/store"
)

// Said is what the log of a user's account says: the action of each entry, with its reason and count, in the
// order of the texts, because entries of one moment have none. It fails if the chain of the log is not whole.
func Said(t testing.TB, s *store.Store, userID string) string {
	t.Helper()
	ctx := context.Background()
	log, err := s.Log(ctx, userID)
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range log.Verify(time.Time{}, time.Now()).Findings {
		t.Errorf("the log of %s: %+v", userID, finding)
	}
	entries, _, err := s.AccountLog(ctx, userID, store.Page{Limit: 100}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		one := e.Action
		if because := e.Detail["because"]; because != "" {
			one += ": " + because
		}
		if e.Count > 0 {
			one += ", " + strconv.Itoa(e.Count)
		}
		all = append(all, one)
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}
