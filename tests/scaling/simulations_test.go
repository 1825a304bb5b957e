package main

import (
	"math"
	"testing"
)

func TestOneDeliveryAtATimeIsCountedInItsOwnTime(t *testing.T) {
	r := hotEntry{deliveries: 0.1, seconds: 600, atMost: 1}.run()
	want := (callTime + transactionTime) / 1000
	if math.Abs(r.Median-want) > 1e-6 {
		t.Errorf("the median is %v s, want %v", r.Median, want)
	}
	if math.Abs(r.Slowest-want) > 1e-6 {
		t.Errorf("the slowest takes %v s, want %v", r.Slowest, want)
	}
}

func TestEntryBearsTheRateThatTheTablesSay(t *testing.T) {
	for _, row := range []struct {
		rate  float64
		bears bool
	}{{entryRate, true}, {1.25 * entryRate, false}} {
		r := hotEntry{deliveries: row.rate, seconds: 60, atMost: math.MaxInt}.run()
		if bears := r.Dropped == 0 && r.Slowest < 10; bears != row.bears {
			t.Errorf("%v deliveries a second: %+v; it bears them: want %v", row.rate, r, row.bears)
		}
	}
}

func TestNothingIsGivenUpWhileTheCountingIsBounded(t *testing.T) {
	r := hotEntry{deliveries: 440, seconds: 60, atMost: boundOfCounting}.run()
	if r.Dropped != 0 {
		t.Errorf("%d deliveries are given up", r.Dropped)
	}
	if r.AtOnce != boundOfCounting {
		t.Errorf("%d functions run at once, want %d", r.AtOnce, boundOfCounting)
	}
}

// Little's law: under steady load as many sandboxes are busy as the rate times the time, and few more are made.
func TestSteadyLoadNeedsAsManySandboxesAsLittlesLawSays(t *testing.T) {
	b := burst{rate: 2_000, seconds: 20, warm: []float64{0.02}, cold: 0, atOnce: 1_000, eachRate: 10}
	r := b.run()
	if law := 2_000 * 0.02; float64(r.Sandboxes) < law || float64(r.Sandboxes) > 2*law {
		t.Errorf("%d sandboxes were made, want %v to %v", r.Sandboxes, law, 2*law)
	}
	if r.Refused != 0 {
		t.Errorf("%d of %d requests were refused", r.Refused, r.Requests)
	}
}

func TestRateAboveTheQuotaIsRefusedThoughFewSandboxesAreBusy(t *testing.T) {
	r := burst{rate: 2_000, seconds: 10, warm: []float64{0.001}, cold: 0.1, atOnce: 100, eachRate: 10}.run()
	if refused := float64(r.Refused) / float64(r.Requests); math.Abs(refused-0.5) > 0.05 {
		t.Errorf("%.2f of the requests were refused, want a half: 100 sandboxes are good for 1,000 a second", refused)
	}
}
