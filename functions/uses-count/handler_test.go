package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/rehash"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/usage"
	"github.com/latchkey/latchkey/shared/verification"
)

var key = apikey.Key{ID: "0123456789abcdef", Owner: "usr_A", Project: "prj_A"}

type fixture struct {
	t     *testing.T
	store *store.Store
	wire  *storetest.Wire
	log   bytes.Buffer
	h     handler
}

func setUp(t *testing.T) *fixture {
	x := &fixture{t: t}
	x.store, x.wire = storetest.Wired(t)
	x.h = handler{usage.New(x.store, 24*time.Hour, 24*time.Hour, time.Now), rehash.NewApplier(x.store, secrettest.Source())}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&x.log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return x
}

// lines are printed by n checks of the key.
func (x *fixture) lines(n int) []string {
	x.log.Reset()
	for range n {
		verification.Check{Route: "GET /", Address: "192.0.2.7", Key: &key, Proven: true, At: time.Now()}.Print(context.Background())
	}
	lines := strings.SplitAfter(x.log.String(), "\n")[:n]
	x.log.Reset()
	return lines
}

// deliver brings lines in the envelope of CloudWatch Logs.
func (x *fixture) deliver(ctx context.Context, kind string, lines ...string) error {
	x.t.Helper()
	data := events.CloudwatchLogsData{MessageType: kind, LogGroup: "checks", LogStream: "one"}
	for _, line := range lines {
		data.LogEvents = append(data.LogEvents, events.CloudwatchLogsLogEvent{Message: line})
	}
	text, err := json.Marshal(data)
	if err != nil {
		x.t.Fatal(err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(text); err != nil {
		x.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		x.t.Fatal(err)
	}
	var e events.CloudwatchLogsEvent
	e.AWSLogs.Data = base64.StdEncoding.EncodeToString(zipped.Bytes())
	return x.h.serve(ctx, e)
}

func (x *fixture) wantUses(n int) {
	x.t.Helper()
	entries, _, err := x.store.AuditLog(context.Background(), key.ID, store.Page{Limit: 100}, time.Now())
	if err != nil {
		x.t.Fatal(err)
	}
	got := 0
	for _, e := range entries { // two, if an hour ended meanwhile
		got += e.Count
	}
	if got != n {
		x.t.Fatalf("the log says %d uses, want %d", got, n)
	}
}

func TestDeliveryIsCountedOnceHoweverOftenItComes(t *testing.T) {
	x := setUp(t)
	lines := x.lines(5)
	for range 3 {
		if err := x.deliver(t.Context(), "DATA_MESSAGE", lines...); err != nil {
			t.Fatal(err)
		}
	}
	x.wantUses(5)
	found, err := x.store.WithLastUse(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if age := time.Since(time.Unix(found.LastUsedAt, 0)); age > time.Minute {
		t.Errorf("the key was last used %v ago, want within a minute", age)
	}
}

func TestForgedLineIsReportedAndKeepsNoOtherFromBeingCounted(t *testing.T) {
	x := setUp(t)
	lines := x.lines(2)
	forged := strings.Replace(lines[0], `"msg":"verification"`, `"msg":"request"`, 1)
	if err := x.deliver(t.Context(), "DATA_MESSAGE", "key_use", lines[0], forged, lines[1], "key_use "+lines[1]); err != nil {
		t.Fatal(err)
	}
	x.wantUses(2)
	line := x.log.String()
	if !strings.Contains(line, `"UsesRejected":3`) {
		t.Errorf("the log does not count three rejected uses: %s", line)
	}
	if !strings.Contains(line, `"level":"ERROR"`) {
		t.Errorf("the log has no error: %s", line)
	}
}

func TestDeliveryThatCannotBeCountedFailsSoThatItComesAgain(t *testing.T) {
	x := setUp(t)
	lines := x.lines(3)
	x.wire.Fail(storetest.Repeat(1000, storetest.Refuse(500, "InternalServerError"))...)
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := x.deliver(short, "DATA_MESSAGE", lines...); err == nil {
		t.Fatal("it says that it counted what it could not write")
	}
	x.wire.Fail()
	if err := x.deliver(t.Context(), "DATA_MESSAGE", lines...); err != nil {
		t.Fatal(err)
	}
	x.wantUses(3)
}

func TestTrialOfTheWayAndNonsense(t *testing.T) {
	x := setUp(t)
	if err := x.deliver(t.Context(), "CONTROL_MESSAGE", "CWL CONTROL MESSAGE: Checking health of destination Lambda function."); err != nil {
		t.Error(err)
	}
	var e events.CloudwatchLogsEvent
	e.AWSLogs.Data = "nonsense"
	if err := x.h.serve(t.Context(), e); err == nil {
		t.Error("nonsense was taken")
	}
	x.wantUses(0)
}
