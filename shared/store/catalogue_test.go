package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestACatalogueReplacesOnlyTheOneBefore(t *testing.T) {
	s := storetest.New(t)
	if _, err := s.Catalogue(ctx); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("in an empty table: %v", err)
	}
	for _, step := range []struct {
		revision int
		want     error
	}{{2, store.ErrConflict}, {1, nil}, {1, store.ErrConflict}, {3, store.ErrConflict}, {2, nil}} {
		err := s.PublishCatalogue(ctx, scope.Published{Revision: step.revision, Text: fmt.Sprint(step.revision)}, now)
		if !errors.Is(err, step.want) {
			t.Errorf("revision %d: %v, want %v", step.revision, err, step.want)
		}
	}
	found, err := s.Catalogue(ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "what is published", found, scope.Published{Revision: 2, Text: "2"})
}

func TestOfManyWhoPublishTheSameRevisionOneDoes(t *testing.T) {
	s := storetest.New(t)
	var done atomic.Int32
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			switch err := s.PublishCatalogue(ctx, scope.Published{Revision: 1, Text: fmt.Sprint(i)}, now); {
			case err == nil:
				done.Add(1)
			case !errors.Is(err, store.ErrConflict):
				t.Error(err)
			}
		})
	}
	group.Wait()
	expect.Same(t, "how many did", done.Load(), 1)
}
