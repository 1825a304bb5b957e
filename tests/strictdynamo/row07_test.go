package strictdynamo_test

import (
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/latchkey/latchkey/tests/strictdynamo"
)

// during runs a test while a transaction holds the items a and b. It returns the token of
// that transaction.
func (p place) during(t *testing.T, test func(token string)) string {
	t.Helper()
	token := rand.Text()
	p.Set(func(s *strictdynamo.Settings) { s.HoldMS = 1500 })
	began := time.Now()
	before := p.touched(t, "b")
	var holder sync.WaitGroup
	holder.Go(func() {
		if err := p.transact(token, "a", "b"); err != nil {
			t.Errorf("the transaction that was first: %v", err)
		}
	})
	for p.touched(t, "b") == before { // until it is under way
		time.Sleep(time.Millisecond)
	}
	p.Set(func(s *strictdynamo.Settings) { s.HoldMS = 0 }) // for those that begin now
	test(token)
	if time.Since(began) > 1400*time.Millisecond {
		t.Fatal("this machine is too slow for what the test wants to see")
	}
	holder.Wait()
	return token
}

func TestRow07OverlappingTransactionsAreCancelled(t *testing.T) {
	p := newPlace(t)
	p.during(t, func(string) {
		if got := reasons(p.transact("", "c", "a")); got != "None TransactionConflict" {
			t.Errorf("a transaction that meets another: reasons %q", got)
		}
		if err := p.transact("", "c"); err != nil {
			t.Errorf("a transaction that meets no other: %v", err)
		}
	})
	if err := p.transact("", "c", "a"); err != nil {
		t.Errorf("after the other has ended: %v", err)
	}
	p.Strict("7", false)
	p.during(t, func(string) {
		if err := p.transact("", "c", "a"); err != nil {
			t.Errorf("with the row off: %v", err)
		}
	})
}

func TestRow07WriteThatMeetsATransactionIsRefused(t *testing.T) {
	p := newPlace(t)
	writes := map[string]func() error{
		"update": func() error { return p.update("a") },
		"put":    func() error { return p.put(key("a")) },
		"delete": func() error { return p.delete("a") },
	}
	p.during(t, func(string) {
		for name, write := range writes {
			var conflict *types.TransactionConflictException
			if err := write(); !errors.As(err, &conflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		p.get(t, "a")
	})
	for name, write := range writes {
		if err := write(); err != nil {
			t.Errorf("%s after the transaction has ended: %v", name, err)
		}
	}
	p.Strict("7", false)
	p.during(t, func(string) {
		for name, write := range writes {
			if err := write(); err != nil {
				t.Errorf("%s with the row off: %v", name, err)
			}
		}
	})
}

// A client that has stopped waiting repeats the transaction with the same token.
func TestRow07RepeatedTransactionHappensOnce(t *testing.T) {
	p := newPlace(t)
	token := p.during(t, func(token string) {
		var api smithy.APIError
		switch err := p.transact(token, "a", "b"); {
		case !errors.As(err, &api):
			t.Errorf("repeated while it is under way: %v is no error of the API", err)
		case api.ErrorCode() != "TransactionInProgressException":
			t.Errorf("repeated while it is under way: the code: %v, want TransactionInProgressException", api.ErrorCode())
		}
	})
	if err := p.transact(token, "a", "b"); err != nil {
		t.Errorf("repeated afterwards: %v", err)
	}
	if n := p.touched(t, "a"); n != "1" {
		t.Errorf("the item was touched %s times", n)
	}
}

func TestRow07ConflictsComeAtASettableRate(t *testing.T) {
	p := newPlace(t)
	p.Set(func(s *strictdynamo.Settings) { s.ConflictRate = 1 })
	var conflict *types.TransactionConflictException
	if err := p.update("a"); !errors.As(err, &conflict) {
		t.Errorf("a write: %v", err)
	}
	if got := reasons(p.transact("", "a")); got != "TransactionConflict" {
		t.Errorf("a transaction: reasons %q", got)
	}
	p.get(t, "a")
	p.Strict("7", false)
	if err := p.update("a"); err != nil {
		t.Errorf("with the row off: %v", err)
	}
}
