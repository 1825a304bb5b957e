package authn

import (
	"context"
	"sync"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/ratelimit"
)

// The first check of a process has to read a secret. At the same time it does what it can do
// without:
//
//	a key that nobody counts     its GetItem: the item's name is in the key
//	a key with a limit, a token  the connection to the table
//
// A count is written on the condition that the hash is right, so it cannot begin earlier. The item
// that a token names is not read before its signature is verified: until then anybody may have
// written that name, and a token that we did not sign costs no read.

// keyCheck returns the check of a key by its hashes. In the first check of a process it has begun.
func (a *Authenticator) keyCheck(ctx context.Context, id string, r Request) func(candidates []string) (*apikey.Key, ratelimit.State, error) {
	if r.Limit != nil || a.begun.Load() {
		a.connect(ctx)
		return func(candidates []string) (*apikey.Key, ratelimit.State, error) {
			return a.store.CheckKeyOf(ctx, r.Whose, id, candidates, r.count(), r.Now)
		}
	}
	a.begun.Store(true)
	var k *apikey.Key
	var err error
	var reading sync.WaitGroup
	reading.Go(func() { k, err = a.store.FindKeyOf(ctx, r.Whose, id) })
	return func(candidates []string) (*apikey.Key, ratelimit.State, error) {
		if reading.Wait(); err != nil {
			return k, ratelimit.State{}, err
		}
		return a.store.CheckFound(ctx, r.Whose, k, candidates, r.Cost, r.Now)
	}
}

// connect opens the connection to the table, if this is the first check of the process.
func (a *Authenticator) connect(ctx context.Context) {
	if !a.begun.Swap(true) {
		go a.store.Connect(ctx)
	}
}
