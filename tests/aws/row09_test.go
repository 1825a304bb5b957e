//go:build e2e

package aws

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestRow09ProcessIsFrozenBetweenInvocations(t *testing.T) {
	kill(t, probe.FunctionName, false)
	before := send(t, get("/open").told(printing())).life(t)
	time.Sleep(400 * time.Millisecond) // 40 ticks
	after := send(t, get("/open").told(printing())).life(t)
	if after.Process != before.Process {
		t.Fatalf("another process answered: %d, then %d", before.Process, after.Process)
	}
	if ran := after.Ticks - before.Ticks; ran > 10 {
		t.Errorf("the process ran for %d ticks while there was no invocation", ran)
	}
}

func TestRow09OnlyWhoRegisteredIsWarnedHalfASecondBeforeTheEnd(t *testing.T) {
	began := time.Now()
	for path, function := range map[string]string{"/open": probe.FunctionName, "/warned": probe.WarnedFunctionName} {
		send(t, get(path).told(printing("ready"))).life(t)
		if kill(t, function, true) == 0 {
			t.Fatalf("%s had no process", function)
		}
	}
	lines := logOf(t, probe.WarnedFunctionName, began, "told to end")
	alive := 0
	for _, line := range lines {
		if line == "still here" {
			alive++
		}
	}
	if alive < 5 || alive > 14 { // one in 50 ms, and the machine is busy
		t.Errorf("after the warning it printed %d lines, one in 50 ms", alive)
	}
	logOf(t, probe.FunctionName, began, "ready")
	if slices.Contains(logged(t, probe.FunctionName, began), "told to end") {
		t.Error("a process that had not registered was warned")
	}
}

func TestRow09InvocationEndsThoughItsFunctionIsChanged(t *testing.T) {
	send(t, get("/open").told(printing())).life(t)
	path := "/2015-03-31/functions/" + probe.FunctionName + "/configuration"
	change := func(megabytes int) {
		awsCall{"lambda", http.MethodPut, path, fmt.Sprintf(`{"MemorySize": %d}`, megabytes)}.is(t, 200)
	}
	t.Cleanup(func() { change(128) })
	var during answer
	var all sync.WaitGroup
	all.Go(func() { during = send(t, get("/open").told(sleeping(1500))) })
	time.Sleep(500 * time.Millisecond)
	change(256)
	after := send(t, get("/open").told(printing())).life(t)
	all.Wait()
	if before := during.life(t); before.Process == after.Process {
		t.Errorf("after the change the same process %d answered", after.Process)
	}
}

func TestProcessDiesWithoutAWord(t *testing.T) {
	began := time.Now()
	first := send(t, get("/warned").told(printing("ready"))).life(t)
	kill(t, probe.WarnedFunctionName, false)
	next := send(t, get("/warned").told(printing())).life(t)
	if next.Process == first.Process {
		t.Errorf("after the kill the same process %d answered", next.Process)
	}
	if next.Served != 1 {
		t.Errorf("the new process has served %d, want 1", next.Served)
	}
	if slices.Contains(logged(t, probe.WarnedFunctionName, began), "told to end") {
		t.Error("it was warned")
	}
}

func TestRequestsAtOnceAreProcessesOfTheirOwnEachColdOnce(t *testing.T) {
	const n = 20
	kill(t, probe.FunctionName, false)
	t.Cleanup(func() { kill(t, probe.FunctionName, false) })
	for round := 1; round <= 2; round++ {
		processes := map[int]bool{}
		for _, a := range atOnce(t, n, func() answer { return send(t, get("/open").told(sleeping(1500))) }) {
			l := a.life(t)
			processes[l.Process] = true
			if l.Served != round {
				t.Errorf("round %d: process %d has served %d", round, l.Process, l.Served)
			}
		}
		if len(processes) != n {
			t.Errorf("round %d: %d requests at once were served by %d processes", round, n, len(processes))
		}
	}
}
