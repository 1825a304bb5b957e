package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// lossy is a table with a copy of it as it was at a point in time, as a restore makes one.
type lossy struct {
	t       *testing.T
	db      *dynamodb.Client
	table   string
	copy    string
	s       *store.Store
	at      time.Time
	user    user.User
	session session.Session
}

func newLossy(t *testing.T) *lossy {
	cfg, table := storetest.Table(t)
	_, copied := storetest.Table(t)
	l := &lossy{t: t, db: dynamodb.NewFromConfig(cfg), table: table, copy: copied, s: store.New(cfg, table)}
	l.user = user.New("a@example.com", user.Member, time.Now())
	if err := l.s.CreateUser(t.Context(), l.user, "hash", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	l.session = session.New(l.user, time.Hour, "192.0.2.7", "test", time.Now())
	if err := l.s.CreateSession(t.Context(), l.session, storetest.Entry(audit.SignedIn)); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *lossy) key(change func(*apikey.Key)) apikey.Key {
	l.t.Helper()
	k := apikey.Key{ID: apikey.NewID(), Type: apikey.Scoped, Prefix: "gf_", Owner: l.user.ID, Project: "prj_A", Hash: "1:hash", Generation: 1, CreatedAt: time.Now()}
	if change != nil {
		change(&k)
	}
	if err := l.s.CreateKey(l.t.Context(), k, l.entry(audit.Created)); err != nil {
		l.t.Fatal(err)
	}
	return k
}

func (l *lossy) entry(action string) audit.Entry {
	return audit.New(action, audit.Source{Now: time.Now()}, time.Hour)
}

func (l *lossy) items(table string) []map[string]types.AttributeValue {
	l.t.Helper()
	out, err := l.db.Scan(l.t.Context(), &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
	if err != nil {
		l.t.Fatal(err)
	}
	return out.Items
}

// pass makes the copy, and lets a moment pass after it.
func (l *lossy) pass() {
	l.t.Helper()
	for _, it := range l.items(l.table) {
		if _, err := l.db.PutItem(l.t.Context(), &dynamodb.PutItemInput{TableName: &l.copy, Item: it}); err != nil {
			l.t.Fatal(err)
		}
	}
	l.at = time.Now()
	time.Sleep(20 * time.Millisecond)
}

// lose deletes the items with that sort key, as a mistake would: without an entry in a log.
func (l *lossy) lose(sks ...string) {
	l.t.Helper()
	for _, it := range l.items(l.table) {
		if !slices.Contains(sks, it["sk"].(*types.AttributeValueMemberS).Value) {
			continue
		}
		key := map[string]types.AttributeValue{"pk": it["pk"], "sk": it["sk"]}
		if _, err := l.db.DeleteItem(l.t.Context(), &dynamodb.DeleteItemInput{TableName: &l.table, Key: key}); err != nil {
			l.t.Fatal(err)
		}
	}
}

func (l *lossy) restore() store.Restored {
	l.t.Helper()
	done, next, err := l.s.RestoreMissing(l.t.Context(), store.Restoring{
		From: l.copy, At: l.at, Now: time.Now(), Entry: l.entry,
	}, nil)
	if err != nil || next != nil {
		l.t.Fatal(next, err)
	}
	return done
}

func (l *lossy) change(k apikey.Key, change func(*apikey.Key)) {
	l.t.Helper()
	changed(l.t, l.s, apikey.Maker{}, k, change)
}

func (l *lossy) state(k apikey.Key) string {
	l.t.Helper()
	found, err := l.s.Key(context.Background(), k.ID)
	if errors.Is(err, store.ErrNotFound) {
		return "gone"
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return found.State(time.Now())
}

func TestRestoreBringsBackWhatWasLostAndNothingThatWasEnded(t *testing.T) {
	l := newLossy(t)
	lost, stays, revoked, deleted, regenerated := l.key(nil), l.key(nil), l.key(nil), l.key(nil), l.key(nil)
	narrowed, disabled := l.key(nil), l.key(nil)
	long := l.key(func(k *apikey.Key) { k.Label = "regenerated before" })
	long, err := l.s.RegenerateKey(t.Context(), long, "1:next", 0, l.entry(audit.Regenerated))
	if err != nil {
		t.Fatal(err)
	}
	l.change(disabled, disable)
	l.pass()
	l.change(narrowed, func(k *apikey.Key) { k.Scopes = []string{"read:offers"} })
	if _, err := l.s.RevokeKey(t.Context(), revoked, l.entry(audit.Revoked)); err != nil {
		t.Fatal(err)
	}
	if err := l.s.DeleteKey(t.Context(), deleted, l.entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.s.RegenerateKey(t.Context(), regenerated, "1:other", 0, l.entry(audit.Regenerated)); err != nil {
		t.Fatal(err)
	}
	young := l.key(nil)
	l.lose("KEY", "USER", "PROJECT", "SESSION")

	done := l.restore()
	for name, want := range map[string]struct {
		key   apikey.Key
		state string
	}{
		"lost": {lost, "active"}, "lost too": {stays, "active"}, "revoked since": {revoked, "revoked"}, "deleted since": {deleted, "gone"},
		"regenerated since": {regenerated, "revoked"}, "regenerated before": {long, "active"}, "made since": {young, "gone"},
		"changed since": {narrowed, "disabled"}, "disabled before": {disabled, "disabled"},
	} {
		expect.Same(t, "a key "+name, l.state(want.key), want.state)
	}
	expect.Same(t, "keys copied", done.Copied["KEY"], 7)
	expect.Same(t, "keys that it disabled", fmt.Sprint(done.Disabled), fmt.Sprint([]string{narrowed.ID}))
	enabled := changed(t, l.s, apikey.Maker{}, narrowed, enable)
	expect.Same(t, "the hash of one that is enabled again", enabled.Hash, narrowed.Hash)
	if len(done.Revoked) != 2 || !slices.Contains(done.Revoked, revoked.ID) || !slices.Contains(done.Revoked, regenerated.ID) {
		t.Errorf("it says that it revoked %v", done.Revoked)
	}
	if kept, err := l.s.Login(t.Context(), l.user.Email); err != nil || kept.UserID != l.user.ID {
		t.Errorf("the user's login: %+v, %v", kept, err)
	}
	if _, _, err := l.s.CheckSession(t.Context(), l.session.ID, nil, time.Now()); !errors.Is(err, session.ErrEnded) {
		t.Errorf("the session: %v", err)
	}
	log, _, err := l.s.AuditLog(t.Context(), lost.ID, store.Page{Limit: 10}, time.Now())
	if err != nil || len(log) != 2 {
		t.Errorf("the log of the lost key: %v, %v", log, err)
	}
	for name, want := range map[string]struct{ id, seq int }{"lost": {0, 2}, "revoked since": {1, 3}, "regenerated before": {2, 3}} {
		k := []apikey.Key{lost, revoked, long}[want.id]
		_, _, head, err := l.s.LogOf(t.Context(), k.ID)
		expect.Same(t, "the error", err, nil)
		expect.Same(t, "the chain of a key "+name, head.ChainSeq, want.seq)
	}
	again, err := l.s.Key(t.Context(), lost.ID)
	if err != nil {
		t.Fatal(err)
	}
	if again, err = l.s.RevokeKey(t.Context(), again, l.entry(audit.Revoked)); err != nil || again.RevokedAt == nil {
		t.Errorf("a restored key cannot be revoked: %v", err)
	}
}

func TestRestoreChangesNothingThatIsThereAndNothingTheSecondTime(t *testing.T) {
	l := newLossy(t)
	k := l.key(nil)
	l.pass()
	next, err := l.s.RegenerateKey(t.Context(), k, "1:other", 0, l.entry(audit.Regenerated))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.s.SetPassword(t.Context(), l.user.Email, "changed", entry(audit.PasswordReset)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		done := l.restore()
		expect.Same(t, "copied", len(done.Copied), 0)
		expect.Same(t, "revoked", len(done.Revoked), 0)
		found, err := l.s.Key(t.Context(), k.ID)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the key's hash", found.Hash, next.Hash)
		kept, err := l.s.Login(t.Context(), l.user.Email)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the password", kept.PasswordHash, "changed")
	}
}
