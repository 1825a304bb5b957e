package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
)

func verified(t *testing.T, s *store.Store, keyID string, head audit.Head, since time.Time) chain.Report {
	t.Helper()
	checked, err := chain.Check(logOf(t, s, keyID, 100)...)
	if err != nil {
		t.Fatal(err)
	}
	return chain.Verify(head, checked, since, now)
}

// wantChain fails unless a key's log has that many changes in one whole chain, and returns its head.
func wantChain(t *testing.T, s *store.Store, keyID string, changes int) audit.Head {
	t.Helper()
	owner, project, head, err := s.LogOf(ctx, keyID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the log's owner and project", owner+" "+project, "usr_A prj_A")
	r := verified(t, s, keyID, head, time.Time{})
	expect.Same(t, "the number of changes in the chain", r.Chained, changes)
	expect.Same(t, "the head's place", head.ChainSeq, changes)
	for _, f := range r.Findings {
		t.Errorf("key %s: %+v", keyID, f)
	}
	return head
}

func TestChangesOfAKeyAreOneChainThatOutlivesTheKey(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	wantChain(t, s, k.ID, 1)
	regenerates(t, s, apikey.Maker{}, k, now.Unix()+60)
	if err := s.PutEntry(ctx, k, entry(audit.TokenIssued)); err != nil { // is in no chain, and disturbs none
		t.Fatal(err)
	}
	if _, err := s.RevokeKey(ctx, k, entry(audit.Revoked)); err != nil {
		t.Fatal(err)
	}
	head := wantChain(t, s, k.ID, 3)
	found, err := s.Key(ctx, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the head on the key", fmt.Sprint(found.Head), fmt.Sprint(head))
	if err := s.DeleteKey(ctx, found, entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
	wantChain(t, s, k.ID, 4)
}

func TestRefusedChangeLeavesTheChainAsItWas(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	if _, err := s.RevokeKey(ctx, k, entry(audit.Revoked)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RevokeKey(ctx, k, entry(audit.Revoked)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RegenerateKey(ctx, k, "1:next", 0, entry(audit.Regenerated)); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a revoked key was regenerated: %v", err)
	}
	wantChain(t, s, k.ID, 2)
}

// Twenty callers, each with the key as it was read before all others, some with no answer in time:
// the chain has exactly the changes that were made.
func TestConcurrentChangesMakeOneChain(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	read, err := s.Key(ctx, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if i%4 == 0 {
				_, _ = s.RegenerateKey(ctx, read, fmt.Sprintf("1:next%d", i), 0, entry(audit.Regenerated))
				return
			}
			claims := token.Claims{RegisteredClaims: jwt.RegisteredClaims{
				Subject: k.ID, ID: fmt.Sprint("jti", i), ExpiresAt: jwt.NewNumericDate(now.Add(time.Minute)),
			}}
			for s.RevokeToken(ctx, claims, entry(audit.TokenRevoked)) != nil {
				continue // on a slow machine not all are done in the time of one call
			}
		})
	}
	all.Wait()
	found, err := s.Key(ctx, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the number of revoked tokens", len(found.RevokedTokens), 15)
	if found.Generation > 2 {
		t.Errorf("%d callers regenerated what they had read of the same key, want at most 1", found.Generation-1)
	}
	if _, err := s.RevokeKey(ctx, read, entry(audit.Revoked)); err != nil { // which was read before all
		t.Fatal(err)
	}
	wantChain(t, s, k.ID, 1+15+found.Generation-1+1)
}

func TestCascadeWritesEachKeysChainOnInOneCallMore(t *testing.T) {
	s, wire := storetest.Wired(t)
	maker := newKey(t, s, nil)
	var children []apikey.Key
	for range 10 {
		children = append(children, makes(t, s, maker))
	}
	wire.Calls()
	expect.Same(t, "the number revoked", cascades(t, s, maker), 10)
	calls := wire.Calls()
	count := func(operation string) (n int) {
		for _, c := range calls {
			if c == operation {
				n++
			}
		}
		return n
	}
	expect.Same(t, "reads of the children's heads", count("BatchGetItem"), 1)
	expect.Same(t, "single reads", count("GetItem"), 0)
	for _, k := range children {
		wantChain(t, s, k.ID, 2)
	}
}

// A function of the release before, which may run beside this one, changes the key and knows nothing
// of its head.
func TestChangesOfTheReleaseBeforeAreToldFromThoseInTheChain(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	old := entry(audit.Regenerated)
	old.At = now.Add(time.Second)
	if err := s.PutEntry(ctx, k, old); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RevokeKey(ctx, k, entry(audit.Revoked)); err != nil {
		t.Fatal(err)
	}
	_, _, head, err := s.LogOf(ctx, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	r := verified(t, s, k.ID, head, time.Time{})
	if len(r.Findings) != 1 || r.Findings[0].Entry != old.ID {
		t.Errorf("it is not reported: %+v", r)
	}
	r = verified(t, s, k.ID, head, old.At)
	expect.Same(t, "the number of findings when it is known until when the release ran", len(r.Findings), 0)
	expect.Same(t, "the number of entries in the chain", r.Chained, 2)
	expect.Same(t, "the number without a place", r.Unchained, 1)
}

func TestLogOfAKeyThatIsNeitherThereNorHasAHeadIsNobodys(t *testing.T) {
	s := storetest.New(t)
	if _, _, _, err := s.LogOf(ctx, apikey.NewID()); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}
