package audit_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

var now = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

// A fixture is a recorder over a real log, whose answers can be made to get lost.
type fixture struct {
	t        *testing.T
	store    *store.Store
	recorder *audit.Recorder
	key      apikey.Key
	lose     int // so many answers to writes
}

func setUp(t *testing.T) *fixture {
	cfg, table := storetest.Table(t)
	x := &fixture{t: t, key: apikey.Key{ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A"}}
	cfg.HTTPClient = x
	x.store = store.New(cfg, table)
	x.recorder = audit.NewRecorder(x.store, 24*time.Hour)
	return x
}

// Do lets a write happen, and then perhaps loses its answer.
func (x *fixture) Do(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultClient.Do(r)
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
		if x.lose > 0 && err == nil {
			x.lose--
			_ = res.Body.Close()
			return nil, errors.New("the connection broke")
		}
	}
	return res, err
}

func (x *fixture) use(after time.Duration, address string, refused bool) error {
	return x.recorder.Record(context.Background(), &x.key, audit.Use{
		Source: audit.Source{Address: address, Now: now.Add(after)}, Route: "GET /v1/auth/me", Refused: refused,
	})
}

// want compares the log's one entry.
func (x *fixture) want(count, refusals int) {
	x.t.Helper()
	entries, _, err := x.store.AuditLog(context.Background(), x.key.ID, store.Page{Limit: 100}, now)
	if err != nil || len(entries) != 1 {
		x.t.Fatalf("%d entries, %v; want one", len(entries), err)
	}
	if e := entries[0]; e.Count != count || e.Refusals != refusals || e.Action != audit.Used || e.Route != "GET /v1/auth/me" {
		x.t.Fatalf("the entry is %+v, want %d uses, %d refused", e, count, refusals)
	}
}

func (x *fixture) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func TestFirstUseIsInTheLogBeforeTheAnswerAndLaterOnesTrail(t *testing.T) {
	x := setUp(t)
	x.must(x.use(0, "192.0.2.1", false))
	x.want(1, 0)
	for range 4 {
		x.must(x.use(time.Second, "192.0.2.1", true))
	}
	x.want(1, 0)
	x.must(x.use(21*time.Second, "192.0.2.1", false))
	x.want(6, 4)
	x.must(x.use(22*time.Second, "192.0.2.1", false))
	x.recorder.Flush(context.Background())
	x.want(7, 4)
}

func TestEachHourAddressAndRouteHasAnEntry(t *testing.T) {
	x := setUp(t)
	x.must(x.use(0, "192.0.2.1", false))
	x.must(x.use(0, "192.0.2.2", false))
	x.must(x.use(time.Hour, "192.0.2.1", false))
	entries, _, err := x.store.AuditLog(context.Background(), x.key.ID, store.Page{Limit: 100}, now)
	if err != nil || len(entries) != 3 {
		t.Fatalf("%d entries, %v; want 3", len(entries), err)
	}
	if entries[0].At != now.Add(time.Hour).Truncate(time.Hour) {
		t.Errorf("the newest is of %v", entries[0].At)
	}
}

func TestLostAnswerCountsNothingTwice(t *testing.T) {
	x := setUp(t)
	x.must(x.use(0, "192.0.2.1", false))
	x.must(x.use(time.Second, "192.0.2.1", false))
	x.lose = 1
	x.recorder.Flush(context.Background())
	x.recorder.Flush(context.Background())
	x.must(x.use(time.Minute, "192.0.2.1", false))
	x.want(3, 0)
}

func TestUseThatCannotBeRecordedIsAnError(t *testing.T) {
	x := setUp(t)
	x.lose = 3
	if err := x.use(0, "192.0.2.1", false); err == nil {
		t.Fatal("the use was let through")
	}
}
