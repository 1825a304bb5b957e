package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestRunIsListedByItsProjectAndByItsOwner(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	first := run.New("usr_A", "prj_A", time.Hour, now)
	second := run.New("usr_A", "prj_B", time.Hour, now.Add(time.Second))
	for _, r := range []run.Run{first, second, second} { // the last as a repetition whose answer was lost
		if err := s.CreateRun(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	storetest.AwaitIndex()
	for of, want := range map[string][]string{"usr_A": {second.ID, first.ID}, "prj_A": {first.ID}, "prj_B": {second.ID}, "usr_B": nil} {
		list, next, err := s.Runs(ctx, of, store.Page{Limit: 10}, now)
		var got []string
		for _, r := range list {
			got = append(got, r.ID)
		}
		if err != nil {
			t.Errorf("of %s: %v", of, err)
			continue
		}
		expect.Same(t, "the cursor after those of "+of, next, "")
		if !slices.Equal(got, want) {
			t.Errorf("of %s: the runs are %v, want %v", of, got, want)
		}
	}
	list, _, err := s.Runs(ctx, "prj_A", store.Page{Limit: 10}, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 {
		t.Fatalf("%d runs, want 1: %+v", len(list), list)
	}
	expect.Same(t, "the owner", list[0].Owner, "usr_A")
	expect.Same(t, "the status", list[0].Status, run.Running)
}

func TestListOfRunsPassesOverWhatHasExpiredWithoutAnEmptyPage(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	old := run.New("usr_A", "prj_A", 24*time.Hour, now.Add(-time.Hour))
	if err := s.CreateRun(ctx, old); err != nil {
		t.Fatal(err)
	}
	for i := range 5 { // newer, and kept for a shorter time
		r := run.New("usr_A", "prj_A", time.Minute, now.Add(-time.Duration(10+i)*time.Minute))
		if err := s.CreateRun(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	storetest.AwaitIndex()
	list, next, err := s.Runs(ctx, "prj_A", store.Page{Limit: 2}, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 {
		t.Fatalf("%d runs on the first page, want the one that is kept: %+v", len(list), list)
	}
	expect.Same(t, "the run on the first page", list[0].ID, old.ID)
	rest, end, err := s.Runs(ctx, "prj_A", store.Page{Limit: 2, After: next}, now)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the number of runs after it", len(rest), 0)
	expect.Same(t, "the cursor after it", end, "")
}

// Appending events changes nothing that the index has.
func TestEventsOfARunDoNotMoveItInTheList(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	r := newRun(t, s)
	if _, err := s.AppendEvents(ctx, r, batch(1, 3)); err != nil {
		t.Fatal(err)
	}
	storetest.AwaitIndex()
	list, _, err := s.Runs(ctx, "usr_A", store.Page{Limit: 10}, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 {
		t.Fatalf("%d runs, want 1: %+v", len(list), list)
	}
	expect.Same(t, "the run", list[0].ID, r.ID)
	expect.Same(t, "its last event's number", list[0].LastSeq, 3)
}
