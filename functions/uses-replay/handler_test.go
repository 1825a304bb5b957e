package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/usage"
	"github.com/latchkey/latchkey/shared/verification"
	"github.com/latchkey/latchkey/tests/expect"
)

// pages answers as CloudWatch Logs does: a page has a token, and may be empty.
type pages struct {
	t     *testing.T
	pages [][]string
}

func (p pages) FilterLogEvents(_ context.Context, in *cloudwatchlogs.FilterLogEventsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	expect.Same(p.t, "*in.LogGroupName", *in.LogGroupName, "checks")
	expect.Same(p.t, "*in.FilterPattern", *in.FilterPattern, verification.FilterPattern)
	expect.Same(p.t, "*in.StartTime", *in.StartTime, from.UnixMilli())
	expect.Same(p.t, "*in.EndTime", *in.EndTime, to.UnixMilli())
	i := len(aws.ToString(in.NextToken))
	var out cloudwatchlogs.FilterLogEventsOutput
	for _, line := range p.pages[i] {
		out.Events = append(out.Events, types.FilteredLogEvent{Message: &line})
	}
	if i+1 < len(p.pages) {
		out.NextToken = aws.String(strings.Repeat("x", i+1))
	}
	return &out, nil
}

var from, to = time.Now().Add(-time.Hour), time.Now()

// printed are the lines of n checks.
func printed(n int) []string {
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	defer slog.SetDefault(before)
	key := apikey.Key{ID: "0123456789abcdef", Owner: "usr_A", Project: "prj_A"}
	for range n {
		verification.Check{Route: "GET /", Key: &key, Proven: true, At: time.Now()}.Print(context.Background())
	}
	return strings.SplitAfter(out.String(), "\n")[:n]
}

func TestReplayAddsWhatIsMissingAndNothingElse(t *testing.T) {
	counter := usage.New(storetest.New(t), time.Hour, time.Hour, time.Now)
	lines := printed(10)
	if _, err := counter.Count(t.Context(), lines[2:6]); err != nil {
		t.Fatal(err)
	}
	h := handler{counter, pages{t, [][]string{lines[:3], nil, lines[3:], {"key_use"}}}, "checks"}
	for _, added := range []int{6, 0} {
		answer, err := h.serve(t.Context(), Request{From: from, To: to})
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "answer.Uses", answer.Uses, 10)
		expect.Same(t, "answer.Added", answer.Added, added)
		expect.Same(t, "answer.Rejected", answer.Rejected, 1)
		expect.Same(t, "answer.Next", answer.Next, "")
	}
}

func TestReplayThatHasNoMoreTimeSaysWhereToGoOn(t *testing.T) {
	counter := usage.New(storetest.New(t), time.Hour, time.Hour, time.Now)
	lines := printed(3)
	h := handler{counter, pages{t, [][]string{lines[:1], lines[1:2], lines[2:]}}, "checks"}
	soon, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, total := Request{From: from, To: to}, 0
	for range 3 {
		answer, err := h.serve(soon, r)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the uses of one call", answer.Uses, 1)
		total, r.Next = total+answer.Added, answer.Next
	}
	expect.Same(t, "total", total, 3)
	expect.Same(t, "r.Next", r.Next, "")
}

func TestReplayWithoutATimeIsRefused(t *testing.T) {
	for _, r := range []Request{{}, {From: from}, {To: to}, {From: to, To: from}} {
		if answer, err := (handler{}).serve(t.Context(), r); err == nil {
			t.Errorf("%+v: %+v", r, answer)
		}
	}
}
