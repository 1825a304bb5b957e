package login_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/password/passwordtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

const (
	ann, nobody  = "ann@example.com", "nobody@example.com"
	right, wrong = "correct horse", "wrong horse"

	home, laptop, attacker = "192.0.2.7", "192.0.2.99", "198.51.100.9"
	allowance              = 3
)

// a door is where people log in.
type door struct {
	t     *testing.T
	store *store.Store
	login *login.Login
}

func newDoor(t *testing.T) door {
	t.Helper()
	s := storetest.New(t)
	hash, err := passwordtest.Cost.Hash(right)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CreateUser(context.Background(), user.New(ann, user.Member, time.Now()), hash, storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	return door{t, s, login.New(s, ratelimit.Limits{Window: 24 * time.Hour, Account: allowance}, passwordtest.Cost, time.Hour)}
}

func (d door) try(address, email, password string) gatewaytest.Answer {
	d.t.Helper()
	f := gateway.Unlimited(func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		_, _, err := d.login.Do(ctx, r, login.Given{Email: email, Password: password}, time.Hour)
		return gateway.NoContent(), err
	})
	return gatewaytest.Do(d.t, f, gatewaytest.Call{Method: "POST", Resource: "/login", Address: address})
}

// guessed has attackers, each from another address, use up the account's tries.
func (d door) guessed(email string) {
	d.t.Helper()
	for i := range allowance + 1 {
		if a := d.try(fmt.Sprintf("198.51.100.%d", i+1), email, wrong); (a.Status == http.StatusTooManyRequests) != (i == allowance) {
			d.t.Fatalf("guess %d: status %d: %s", i+1, a.Status, a.Body)
		}
	}
}

func TestWrongPasswordsDoNotLockTheOwnerOutOfWhereTheyLogIn(t *testing.T) {
	d := newDoor(t)
	expect.Same(t, "the first login", d.try(home, ann, right).Status, 204)
	d.guessed(ann)
	for range allowance {
		expect.Same(t, "a login from the same address", d.try(home, ann, right).Status, 204)
	}
	expect.Same(t, "a login from a new address", d.try(laptop, ann, right).Status, 429)
}

func TestAnAddressThatTheAccountKnowsHasNoMoreTriesThanAnother(t *testing.T) {
	d := newDoor(t)
	expect.Same(t, "the first login", d.try(home, ann, right).Status, 204)
	for range allowance {
		expect.Same(t, "a wrong password", d.try(home, ann, wrong).Status, 401)
	}
	expect.Same(t, "a further one", d.try(home, ann, wrong).Status, 429)
	expect.Same(t, "the right one", d.try(home, ann, right).Status, 429)
}

func TestALoginForgetsTheTriesBefore(t *testing.T) {
	d := newDoor(t)
	for range 3 {
		for range allowance - 1 {
			d.try(home, ann, wrong)
		}
		expect.Same(t, "the right password after wrong ones", d.try(home, ann, right).Status, 204)
	}
}

func TestAGuesserCannotTellWhetherTheAccountExists(t *testing.T) {
	d := newDoor(t)
	for _, address := range []string{home, laptop, home} { // its owner is busy
		d.try(address, ann, right)
	}
	for i := range allowance + 2 {
		there, missing := d.try(attacker, ann, wrong), d.try(attacker, nobody, wrong)
		name := fmt.Sprintf("try %d: ", i+1)
		expect.Same(t, name+"status", there.Status, missing.Status)
		expect.Same(t, name+"body", there.Body, missing.Body)
		expect.Same(t, name+"the number of headers", len(there.Header), len(missing.Header))
		for header, value := range there.Header {
			if header != "X-RateLimit-Reset" && header != "Retry-After" && header != "RateLimit" { // a second may pass in between
				expect.Same(t, name+header, value, missing.Header[header])
			}
		}
	}
	other := newDoor(t)
	other.guessed(nobody)
	other.try(home, ann, right)
	other.guessed(ann)
}

func TestAKnownAddressAndANewOneCostTheSameCalls(t *testing.T) {
	s, wire := storetest.Wired(t)
	l := login.New(s, ratelimit.Limits{Window: 24 * time.Hour, Account: allowance}, passwordtest.Cost, time.Hour)
	d := door{t, s, l}
	calls := func(address, email string) string {
		t.Helper()
		wire.Calls()
		expect.Same(t, "the status", d.try(address, email, wrong).Status, 401)
		return fmt.Sprint(wire.Calls())
	}
	hash, err := passwordtest.Cost.Hash(right)
	if err != nil {
		t.Fatal(err)
	}
	_, noted := s.SignedIn(context.Background(), ann, home, "", time.Now())
	if err := errors.Join(noted,
		s.CreateUser(context.Background(), user.New(ann, user.Member, time.Now()), hash, storetest.Entry(audit.Registered))); err != nil {
		t.Fatal(err)
	}
	want := "[UpdateItem UpdateItem GetItem TransactWriteItems]"
	expect.Same(t, "of an address that the account knows", calls(home, ann), want)
	expect.Same(t, "of a new address", calls(attacker, ann), want)
	expect.Same(t, "of nobody's account", calls(attacker, nobody), want)
}

func TestALoginRaisesTheCostOfItsHash(t *testing.T) {
	d := newDoor(t)
	hash := func() string {
		t.Helper()
		found, err := d.store.Login(context.Background(), ann)
		if err != nil {
			t.Fatal(err)
		}
		return found.PasswordHash
	}
	before := hash()
	dear := password.Cost{Memory: 20 * 1024, Passes: 3}
	d.login = login.New(d.store, ratelimit.Limits{}, dear, time.Hour)
	expect.Same(t, "a wrong password", d.try(home, ann, wrong).Status, 401)
	expect.Same(t, "the hash after it", hash(), before)
	expect.Same(t, "the right password", d.try(home, ann, right).Status, 204)
	raised := hash()
	matches, stale, err := dear.Matches(right, raised)
	expect.Same(t, "the new hash matches", matches, true)
	expect.Same(t, "the new hash is stale", stale, false)
	expect.Same(t, "the error", err, nil)
	expect.Same(t, "the right password once more", d.try(home, ann, right).Status, 204)
	expect.Same(t, "the hash after that", hash(), raised)
	err = d.store.ReplacePasswordHash(context.Background(), ann, before, "another")
	expect.Same(t, "a replacement of a hash that was replaced is refused", errors.Is(err, store.ErrConflict), true)
}

func TestWithOneLoginMoreThanTheBoundTheOldestSessionEnds(t *testing.T) {
	d := newDoor(t)
	d.login.Bound(2)
	for range 3 {
		if a := d.try(home, ann, right); a.Status != 204 {
			t.Fatalf("status %d, want 204: %s", a.Status, a.Body)
		}
		storetest.AwaitIndex()
	}
	found, err := d.store.Login(context.Background(), ann)
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := d.store.Sessions(context.Background(), found.UserID, "", store.Page{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the sessions that stand", len(list), 2)
}
