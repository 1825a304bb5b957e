package scope

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// A Published catalogue is a deployer's, which Compose has accepted.
type Published struct {
	Revision int    // higher than that of the one before
	Text     string // JSON
}

// A Publisher returns the newest published catalogue. It may be called by many processes at once.
type Publisher func(context.Context) (Published, error)

const (
	// maxAge is the age at which a published catalogue is read again, so that a change is in force
	// everywhere half a minute after it was published.
	maxAge = 30 * time.Second
	// retryAfter is the time between tries while it cannot be read.
	retryAfter = 5 * time.Second
	// readTime bounds a read that a request does not depend on: it has the last good catalogue.
	readTime = time.Second
)

// Follow makes Default return what is published, in this process from now on. With nil it returns what
// was built in again.
func Follow(read Publisher) {
	if read == nil {
		following.Store(nil)
		return
	}
	following.Store(newFollower(read, basePaths(), time.Now))
}

// A follower keeps the newest published catalogue that it could read. It may be used concurrently; of
// those who need it again at the same time, one reads.
type follower struct {
	read  Publisher
	bases []string
	now   func() time.Time

	mu       sync.Mutex
	kept     *Catalogue // the last good one; nil if there was none
	revision int
	readAt   time.Time // when it was read, or when it could not be read
	failed   error     // why the last read did not succeed; nil if it did
	ended    int       // how many reads have succeeded or failed
	reading  chan struct{}
}

func newFollower(read Publisher, bases []string, now func() time.Time) *follower {
	// Without Round, time would stand still for a process that Lambda has frozen.
	return &follower{read: read, bases: bases, now: func() time.Time { return now().Round(0) }}
}

// current returns the catalogue, at most maxAge old while it can be read; else the last good one.
func (f *follower) current(ctx context.Context) (*Catalogue, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for before := f.ended; f.ended == before; {
		reading := f.begin(ctx)
		if reading == nil {
			break
		}
		f.mu.Unlock()
		select {
		case <-reading:
		case <-ctx.Done():
		}
		f.mu.Lock()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("the catalogue of scopes was not read in time: %w", ctx.Err())
		}
	}
	if f.kept == nil {
		return nil, f.failed
	}
	return f.kept, nil
}

// begin begins a read if one is due. It returns a channel that is closed when the read that is under way
// has ended, and nil if there is none. f is locked.
func (f *follower) begin(ctx context.Context) <-chan struct{} {
	if f.reading == nil && f.due() {
		f.reading = make(chan struct{})
		go f.renew(ctx, f.kept != nil)
	}
	return f.reading
}

func (f *follower) due() bool {
	age := f.now().Sub(f.readAt)
	switch {
	case f.kept == nil, age < 0: // or the clock was set back
		return true
	case f.failed == nil:
		return age >= maxAge
	}
	return age >= retryAfter
}

// renew reads, for all who wait. A request that ends first takes its read with it, and the next begins
// another: a process does nothing between requests.
func (f *follower) renew(ctx context.Context, hasOne bool) {
	if hasOne {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, readTime)
		defer cancel()
	}
	found, err := f.read(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	defer func() { close(f.reading); f.reading = nil }()
	if errors.Is(ctx.Err(), context.Canceled) && err != nil {
		return
	}
	f.readAt, f.failed = f.now(), err
	f.ended++
	if err == nil && (f.kept == nil || found.Revision != f.revision) {
		f.failed = f.take(found)
	}
	if f.failed != nil {
		slog.Error("catalogue not read", "last_good", f.revision, "error", f.failed.Error())
	}
}

func (f *follower) take(found Published) error {
	c, err := recompose([]byte(found.Text), f.bases...)
	if err != nil {
		return err
	}
	f.kept, f.revision = c, found.Revision
	return nil
}
