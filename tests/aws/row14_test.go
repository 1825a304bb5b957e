//go:build e2e

package aws

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

func TestRow14FunctionAtItsReservationIsThrottled(t *testing.T) {
	reserved := awsCall{"lambda", http.MethodGet, "/2019-09-30/functions/" + probe.SlowFunctionName + "/concurrency", ""}.is(t, 200)
	if reserved.body != `{"ReservedConcurrentExecutions": 2}` {
		t.Fatalf("the template reserves 2, and the function has %s", reserved.body)
	}
	answers := atOnce(t, 5, func() answer { return invoke(t, probe.SlowFunctionName, sleeping(700)) })
	if n := throttled(t, answers, "ReservedFunctionConcurrentInvocationLimitExceeded"); n != 3 {
		t.Errorf("%d of 5 are throttled, want 3", n)
	}
	status := map[int]int{}
	for _, a := range atOnce(t, 5, func() answer { return send(t, get("/slow").told(sleeping(700))) }) {
		status[a.status]++
	}
	if status[200] != 2 {
		t.Errorf("behind an API %d answers of 200, want 2", status[200])
	}
	if status[500] != 3 {
		t.Errorf("behind an API %d answers of 500, want 3", status[500])
	}
}

func TestRow14OthersShareWhatTheAccountHasLeft(t *testing.T) {
	limitConcurrency(t, 6) // of which SlowFunction has reserved 2
	answers := atOnce(t, 7, func() answer { return invoke(t, probe.FunctionName, sleeping(700)) })
	// One or two of Latchkey's own may run meanwhile, which count uses.
	if n := throttled(t, answers, "ConcurrentInvocationLimitExceeded"); n < 3 || n > 5 {
		t.Errorf("%d of 7 are throttled, want 3", n)
	}
}

func TestRow14ReservationMustLeaveTheOthersEnough(t *testing.T) {
	for limit, least := range map[int]int{10: 10, 102: 100} {
		limitConcurrency(t, limit)
		a := reserve(t, probe.WarnedFunctionName, 1).is(t, 400).has(t, "X-Amzn-Errortype", "InvalidParameterValueException")
		want := fmt.Sprintf("Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [%d].", least)
		var said struct{ Message string }
		if a.json(t, &said); said.Message != want {
			t.Errorf("limit %d: %q, want %q", limit, said.Message, want)
		}
	}
}

// throttled is how many are, all for this reason.
func throttled(t testing.TB, answers []answer, reason string) (n int) {
	t.Helper()
	for _, a := range answers {
		if a.status == 200 {
			continue
		}
		n++
		var said struct{ Reason, Message string }
		a.is(t, 429).has(t, "X-Amzn-Errortype", "TooManyRequestsException").json(t, &said)
		if said.Reason != reason {
			t.Errorf("the reason: %s, want %v", said.Reason, reason)
		}
		if said.Message != "Rate Exceeded." {
			t.Errorf("the message: %s, want Rate Exceeded.", said.Message)
		}
	}
	return n
}

// invoke calls a function of the probe by Lambda's own API.
func invoke(t testing.TB, function string, o map[string]any) answer {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	event, err := json.Marshal(map[string]any{"headers": map[string]string{"X-Probe": string(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return awsCall{"lambda", http.MethodPost, "/2015-03-31/functions/" + function + "/invocations", string(event)}.send(t)
}

func reserve(t testing.TB, function string, executions int) answer {
	t.Helper()
	body := fmt.Sprintf(`{"ReservedConcurrentExecutions": %d}`, executions)
	return awsCall{"lambda", http.MethodPut, "/2017-10-31/functions/" + function + "/concurrency", body}.send(t)
}

// limitConcurrency sets the account's limit until the test is over.
func limitConcurrency(t testing.TB, executions int) {
	t.Helper()
	type setting struct {
		Limit int `json:"limit,omitempty"`
	}
	var before, now setting
	emulator(t, "concurrency", setting{}, &before)
	emulator(t, "concurrency", setting{executions}, &now)
	t.Cleanup(func() { emulator(t, "concurrency", before, &now) })
}
