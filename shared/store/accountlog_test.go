package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// accountLog is the log of a user, oldest first: the action of each entry, and "without a person" where
// it names none. It fails unless the log is whole.
func accountLog(t *testing.T, s *store.Store, userID string) string {
	t.Helper()
	entries, _, err := s.AccountLog(t.Context(), userID, store.Page{Limit: 100}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range entries {
		one := e.Action
		if e.Erased() {
			one += " without a person"
		}
		said = append([]string{one}, said...)
	}
	log, err := s.Log(t.Context(), userID)
	if err != nil {
		t.Fatal(err)
	}
	r := log.Verify(time.Time{}, time.Now())
	expect.Same(t, "the findings", len(r.Findings), 0)
	if r.Findings != nil {
		t.Errorf("%+v", r.Findings)
	}
	return strings.Join(said, ", ")
}

// people are an administrator and a member with a sign-in.
func people(t *testing.T, s *store.Store) (admin, member user.User) {
	t.Helper()
	admin, member = user.New("root@example.com", user.Admin, time.Now()), user.New("ann@example.com", user.Member, time.Now())
	signIn := session.New(member, time.Hour, "192.0.2.7", "test", time.Now())
	if err := errors.Join(
		s.CreateUser(t.Context(), admin, "hash", storetest.Entry(audit.Registered)),
		s.CreateUser(t.Context(), member, "hash", storetest.Entry(audit.Registered)),
		s.CreateSession(t.Context(), signIn, storetest.Entry(audit.SignedIn)),
	); err != nil {
		t.Fatal(err)
	}
	return admin, member
}

func change(t *testing.T, s *store.Store, by, id string, c store.Change) user.User {
	t.Helper()
	u, err := s.ChangeUser(t.Context(), by, id, c, storetest.Entry, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestEachChangeOfAnAccountIsInItsLogOnce(t *testing.T) {
	s := storetest.New(t)
	admin, member := people(t, s)
	change(t, s, admin.ID, member.ID, store.Change{Role: user.Admin})
	change(t, s, admin.ID, member.ID, store.Change{Role: user.Admin, Disabled: new(false)})
	change(t, s, admin.ID, member.ID, store.Change{Role: user.Member, Disabled: new(true)})
	change(t, s, admin.ID, member.ID, store.Change{Disabled: new(true)}) // again, to end what has come since
	change(t, s, admin.ID, member.ID, store.Change{Disabled: new(false)})
	if err := s.SetPassword(t.Context(), member.Email, "another", storetest.Entry(audit.PasswordReset)); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the log", accountLog(t, s, member.ID),
		"registered, signed_in, role_changed, role_changed, disabled, enabled, password_reset")
	expect.Same(t, "the administrator's", accountLog(t, s, admin.ID), "registered")
}

func TestChangesOfAnAccountAtTheSameTimeAreOneChain(t *testing.T) {
	s := storetest.New(t)
	_, member := people(t, s)
	const many = 8
	errs := make([]error, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			errs[i] = s.SetPassword(t.Context(), member.Email, "another", storetest.Entry(audit.PasswordReset))
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the log", accountLog(t, s, member.ID), "registered, signed_in"+strings.Repeat(", password_reset", many))
}

func TestDeletionErasesThePersonFromTheLogWhereverTheFunctionDies(t *testing.T) {
	t.Parallel()
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		admin, member := people(t, s)
		u := change(t, s, admin.ID, member.ID, store.Change{Delete: true})
		life.Of(func() { _ = s.Erase(t.Context(), u, time.Hour, storetest.Entry, time.Now(), new(store.Ended)) })
		if err := s.Erase(t.Context(), u, time.Hour, storetest.Entry, time.Now(), new(store.Ended)); err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		expect.Same(t, "the log", accountLog(t, s, member.ID),
			"registered without a person, signed_in without a person, deleted without a person")
	})
}

func TestUserOfAReleaseWithoutALogBeginsOneWithTheNextChange(t *testing.T) {
	cfg, table := storetest.Table(t)
	s := store.New(cfg, table)
	admin, member := people(t, s)
	db := dynamodb.NewFromConfig(cfg)
	for _, u := range []user.User{admin, member} {
		if _, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &table, UpdateExpression: aws.String("REMOVE chain_seq, chain_hash, chain_until"),
			Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "USER#" + u.ID}, "sk": &types.AttributeValueMemberS{Value: "USER"}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	l := &lossy{t: t, db: db, table: table}
	for _, it := range l.items(table) {
		if sk := it["sk"].(*types.AttributeValueMemberS).Value; sk == "HEAD" || strings.HasPrefix(sk, "AUDIT#") {
			l.lose(sk)
		}
	}
	change(t, s, admin.ID, member.ID, store.Change{Role: user.Admin})
	expect.Same(t, "the log", accountLog(t, s, member.ID), "role_changed")
	if err := s.SetPassword(t.Context(), admin.Email, "another", storetest.Entry(audit.PasswordReset)); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the administrator's", accountLog(t, s, admin.ID), "password_reset")
}

func TestRestoredAccountGoesOnWithItsLog(t *testing.T) {
	l := newLossy(t)
	l.pass()
	if err := l.s.SetPassword(t.Context(), l.user.Email, "another", storetest.Entry(audit.PasswordReset)); err != nil {
		t.Fatal(err)
	}
	l.lose("USER")
	l.restore()
	expect.Same(t, "the log", strings.ReplaceAll(accountLog(t, l.s, l.user.ID), "signed_in, ", ""), "registered, password_reset, restored")
}

func TestRestoreDoesNotBringThePersonBackIntoALog(t *testing.T) {
	l := newLossy(t)
	l.pass()
	l.changedSince(store.Change{Delete: true})
	for _, it := range l.items(l.copy) {
		if sk := it["sk"].(*types.AttributeValueMemberS).Value; strings.HasPrefix(sk, "AUDIT#") {
			l.lose(sk)
		}
	}
	l.restore()
	expect.Same(t, "the log", accountLog(t, l.s, l.user.ID),
		"registered without a person, signed_in without a person, deleted without a person")
}

func TestPersonWhoIsErasedFromTheLogOfAUserWhoStaysIsAFinding(t *testing.T) {
	cfg, table := storetest.Table(t)
	s, db := store.New(cfg, table), dynamodb.NewFromConfig(cfg)
	_, member := people(t, s)
	l := &lossy{t: t, db: db, table: table}
	for _, it := range l.items(table) {
		pk, sk := it["pk"].(*types.AttributeValueMemberS).Value, it["sk"].(*types.AttributeValueMemberS).Value
		if pk != "USER#"+member.ID || !strings.HasPrefix(sk, "AUDIT#") {
			continue
		}
		if _, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &table, UpdateExpression: aws.String("REMOVE address, user_agent, salt"),
			Key: map[string]types.AttributeValue{"pk": it["pk"], "sk": it["sk"]},
		}); err != nil {
			t.Fatal(err)
		}
	}
	log, err := s.Log(t.Context(), member.ID)
	if err != nil {
		t.Fatal(err)
	}
	r := log.Verify(time.Time{}, time.Now())
	expect.Same(t, "entries without a person", r.Erased, 2)
	expect.Same(t, "findings", len(r.Findings), 1)
	expect.Same(t, "its kind", r.Findings[0].Kind, "removed")
}
