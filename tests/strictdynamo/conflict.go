package strictdynamo

import (
	"math/rand/v2"
	"sync"
	"time"
)

// conflict is row 7: while a transaction runs, it holds its items. Another transaction on one
// of them is cancelled, and a single write is refused. Reads are allowed.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
type conflict struct {
	mu   sync.Mutex
	held map[string]string // item → the token of the transaction that holds it
}

var (
	conflictReason = &reason{"TransactionConflict", "Transaction is ongoing for the item"}
	conflictText   = "Operation was rejected because there is an ongoing transaction for the item"
	progressText   = "The transaction with the given request token is already in progress."
)

func (f *conflict) serve(c *call, next step) (answer, error) {
	if c.accesses[0].reads() || !c.settings.on("7") {
		return next()
	}
	if chance(c.settings.ConflictRate) {
		return f.refuse(c, map[int]bool{rand.IntN(len(c.accesses)): true}), nil //nolint:gosec // any one
	}
	if !c.transaction() {
		if met, _ := f.meets(c); len(met) > 0 {
			return f.refuse(c, met), nil
		}
		return next()
	}
	began := time.Now()
	met, same := f.take(c)
	switch {
	case same: // the client gave up waiting and asks again
		return refuse(ofDynamoDB, "TransactionInProgressException", map[string]any{"Message": progressText}), nil
	case len(met) > 0:
		return f.refuse(c, met), nil
	}
	defer f.release(c)
	out, err := next()
	time.Sleep(time.Until(began.Add(c.settings.hold())))
	return out, err
}

// meets returns the items of a call that others hold, and reports whether all holders are the
// same transaction.
func (f *conflict) meets(c *call) (met map[int]bool, same bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.meetsLocked(c)
}

func (f *conflict) meetsLocked(c *call) (met map[int]bool, same bool) {
	met = map[int]bool{}
	for i, a := range c.accesses {
		if token, held := f.held[a.id]; held {
			met[i] = true
			same = same || token != "" && token == c.request.ClientRequestToken
		}
	}
	return met, same
}

// take holds all items of a transaction. If others hold some of them, it holds none and
// returns those.
func (f *conflict) take(c *call) (met map[int]bool, same bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if met, same = f.meetsLocked(c); len(met) > 0 {
		return met, same
	}
	if f.held == nil {
		f.held = map[string]string{}
	}
	for _, a := range c.accesses {
		f.held[a.id] = c.request.ClientRequestToken
	}
	return nil, false
}

func (f *conflict) release(c *call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range c.accesses {
		delete(f.held, a.id)
	}
}

func (f *conflict) refuse(c *call, met map[int]bool) answer {
	if !c.transaction() {
		return refuse(ofDynamoDB, "TransactionConflictException", map[string]any{"message": conflictText})
	}
	reasons := make([]*reason, len(c.accesses))
	for i := range met {
		reasons[i] = conflictReason
	}
	return cancelled(reasons)
}
