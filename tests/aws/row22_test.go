//go:build e2e

package aws

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// A line as the subscriber was given it.
type line struct{ ID, Message string }

// deliveries are the batches that the subscriber was given since a moment.
func deliveries(t testing.TB, since time.Time) (all [][]line) {
	t.Helper()
	for _, text := range logged(t, probe.SubscriberName, since) {
		if !strings.HasPrefix(text, "[") {
			continue
		}
		var batch []line
		if err := json.Unmarshal([]byte(text), &batch); err != nil {
			t.Fatal(err)
		}
		all = append(all, batch)
	}
	return all
}

// write puts lines into the log group to which the subscriber is subscribed.
func write(t testing.TB, stream string, messages ...string) {
	t.Helper()
	var events []map[string]any
	for _, message := range messages {
		events = append(events, map[string]any{"timestamp": time.Now().UnixMilli(), "message": message})
	}
	callLogs(t, "PutLogEvents", map[string]any{"logGroupName": probe.WatchedGroupName, "logStreamName": stream, "logEvents": events})
}

func newStream(t testing.TB) string {
	t.Helper()
	stream := fmt.Sprintf("%s-%d", t.Name(), time.Now().UnixNano())
	callLogs(t, "CreateLogStream", map[string]any{"logGroupName": probe.WatchedGroupName, "logStreamName": stream})
	return stream
}

func TestRow22LineKeepsItsIDAndMayComeAgainInAnotherBatch(t *testing.T) {
	const lines = 24
	began, stream := time.Now(), newStream(t)
	for i := range lines / 2 {
		write(t, stream, fmt.Sprintf("probe: %d", 2*i), "another's", fmt.Sprintf("probe: %d", 2*i+1))
		time.Sleep(300 * time.Millisecond)
	}
	again := 0
	for deadline := time.Now().Add(10 * time.Second); again == 0 || time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		batches := deliveries(t, began)
		ids, in := map[string]string{}, map[string][]int{}
		for i, batch := range batches {
			for _, l := range batch {
				if was := ids[l.Message]; was != "" && was != l.ID {
					t.Fatalf("%q came as %s and as %s", l.Message, was, l.ID)
				}
				ids[l.Message] = l.ID
				in[l.Message] = append(in[l.Message], i)
			}
		}
		if ids["another's"] != "" {
			t.Fatal("a line was handed on that the filter does not let through")
		}
		again = 0
		for _, where := range in {
			if len(where) > 1 && !slices.Equal(batches[where[0]], batches[where[1]]) {
				again++
			}
		}
		if len(ids) == lines && again > 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d lines came, %d of them again, in another batch", len(ids), lines, again)
		}
	}
}

func TestRow22DeliveryThatFailsComesAgain(t *testing.T) {
	kill(t, probe.SubscriberName, false)
	began := time.Now()
	write(t, newStream(t), "probe: fail once")
	for deadline := time.Now().Add(10 * time.Second); len(deliveries(t, began)) < 2; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after an error it came %d times", len(deliveries(t, began)))
		}
	}
}

func TestRow22DeliveryThatIsThrottledWaitsUntilItIsNot(t *testing.T) {
	throttle(t, probe.SubscriberName)
	free := func() {
		awsCall{"lambda", http.MethodDelete, "/2017-10-31/functions/" + probe.SubscriberName + "/concurrency", ""}.is(t, 204)
	}
	t.Cleanup(free)
	began := time.Now()
	write(t, newStream(t), "probe: throttled")
	time.Sleep(4 * time.Second) // longer than it is tried if being throttled counts
	if n := len(deliveries(t, began)); n != 0 {
		t.Fatalf("it came %d times while nothing could run", n)
	}
	free()
	for deadline := time.Now().Add(3 * time.Second); len(deliveries(t, began)) == 0; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came")
		}
	}
}
