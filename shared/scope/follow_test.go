package scope

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A source is what has been published, or an error, and how often it was read.
type source struct {
	mu    sync.Mutex
	now   Published
	err   error
	takes time.Duration
	reads atomic.Int32
}

func (s *source) read(ctx context.Context) (Published, error) {
	s.reads.Add(1)
	s.mu.Lock()
	now, err, takes := s.now, s.err, s.takes
	s.mu.Unlock()
	select {
	case <-time.After(takes):
		return now, err
	case <-ctx.Done():
		return Published{}, ctx.Err()
	}
}

func (s *source) publish(revision int, name string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now, s.err = Published{revision, `{"base_paths": ["/api"], "scopes": [{"name": "` + name + `"}]}`}, err
}

// follow runs a test in a bubble of time.
func follow(t *testing.T, test func(t *testing.T, s *source, f *follower)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: 10 * time.Millisecond}
		s.publish(1, "read:first", nil)
		test(t, s, newFollower(s.read, nil, time.Now))
	})
}

func inForce(t *testing.T, f *follower) *Catalogue {
	t.Helper()
	c, err := f.current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAPublishedCatalogueIsInForceWithinHalfAMinute(t *testing.T) {
	follow(t, func(t *testing.T, s *source, f *follower) {
		c := inForce(t, f)
		if !c.Has("read:first") || !c.Has("read:events") || !c.Has(Admin) {
			t.Fatalf("the catalogue has %v", c.All())
		}
		s.publish(2, "read:second", nil)
		if time.Sleep(maxAge - time.Second); inForce(t, f) != c {
			t.Error("it was read again before it was due")
		}
		time.Sleep(time.Second)
		if c = inForce(t, f); c.Has("read:first") || !c.Has("read:second") {
			t.Errorf("after half a minute the catalogue has %v", c.All())
		}
		if got := s.reads.Load(); got != 2 {
			t.Errorf("it was read %d times, want 2", got)
		}
	})
}

func TestTheLastGoodCatalogueStaysWhileNoneCanBeRead(t *testing.T) {
	for name, bad := range map[string]func(*source){
		"the read fails":           func(s *source) { s.publish(2, "read:second", errors.New("down")) },
		"it never answers":         func(s *source) { s.mu.Lock(); s.takes = time.Hour; s.mu.Unlock() },
		"what is there is no JSON": func(s *source) { s.mu.Lock(); s.now = Published{2, "{"}; s.mu.Unlock() },
	} {
		t.Run(name, func(t *testing.T) {
			follow(t, func(t *testing.T, s *source, f *follower) {
				c := inForce(t, f)
				bad(s)
				for range 10 {
					time.Sleep(maxAge)
					began := time.Now()
					if inForce(t, f) != c {
						t.Fatal("it is no longer in force")
					}
					if took := time.Since(began); took > readTime {
						t.Errorf("a request waited %v", took)
					}
				}
				s.mu.Lock()
				s.takes = 0
				s.mu.Unlock()
				s.publish(3, "read:third", nil)
				if time.Sleep(retryAfter); !inForce(t, f).Has("read:third") {
					t.Error("a good one was not taken")
				}
			})
		})
	}
}

func TestWithoutAnyCatalogueNothingIsDecided(t *testing.T) {
	follow(t, func(t *testing.T, s *source, f *follower) {
		s.publish(1, "read:first", errors.New("down"))
		if c, err := f.current(t.Context()); err == nil {
			t.Errorf("the catalogue has %v", c.All())
		}
		s.publish(1, "read:first", nil) // and the next request does not wait for a better time
		if !inForce(t, f).Has("read:first") {
			t.Error("it was not taken")
		}
	})
}

func TestManyRequestsAtOnceReadOnce(t *testing.T) {
	follow(t, func(t *testing.T, s *source, f *follower) {
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() { inForce(t, f) })
		}
		group.Wait()
		if got := s.reads.Load(); got != 1 {
			t.Errorf("it was read %d times", got)
		}
	})
}

func TestARequestThatEndsTakesNoOtherWithIt(t *testing.T) {
	follow(t, func(t *testing.T, s *source, f *follower) {
		ended, end := context.WithCancel(t.Context())
		f.mu.Lock()
		f.begin(ended)
		f.mu.Unlock()
		time.Sleep(time.Millisecond)
		end()
		if !inForce(t, f).Has("read:first") {
			t.Error("the next request has no catalogue")
		}
	})
}

func TestAnOlderRevisionIsTakenToo(t *testing.T) { // the table was restored
	follow(t, func(t *testing.T, s *source, f *follower) {
		s.publish(7, "read:seventh", nil)
		inForce(t, f)
		s.publish(3, "read:third", nil)
		if time.Sleep(maxAge); !inForce(t, f).Has("read:third") {
			t.Error("it was not taken")
		}
	})
}

func TestAClockThatIsSetBackDoesNotKeepACatalogue(t *testing.T) {
	s := &source{}
	s.publish(1, "read:first", nil)
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	f := newFollower(s.read, nil, func() time.Time { return now })
	inForce(t, f)
	s.publish(2, "read:second", nil)
	if now = now.Add(-time.Hour); !inForce(t, f).Has("read:second") {
		t.Error("it was not read again")
	}
}

func TestAFunctionThatDoesNotFollowThePublishedCatalogueDecidesNothing(t *testing.T) {
	before := published
	defer func() { published = before }()
	published = func() bool { return true }
	if c, err := Begin(t.Context())(); err == nil {
		t.Errorf("the catalogue has %v", c.All())
	}
}
