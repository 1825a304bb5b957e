//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// processesOf are the processes that run these functions, by their names in template.yaml:
// children of the emulator that this suite talks to.
func processesOf(t testing.TB, functions ...string) (found []int) {
	t.Helper()
	needs(t, theProcesses)
	text, err := os.ReadFile(filepath.Join(filepath.Dir(os.Getenv("LATCHKEY_LOG_FILE")), "ministack.pid"))
	if err != nil {
		t.Fatal(err)
	}
	emulator := strings.TrimSpace(string(text))
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, process := range all {
		status, _ := os.ReadFile(process + "/status") // one that has ended meanwhile has none
		environment, _ := os.ReadFile(process + "/environ")
		if !bytes.Contains(status, []byte("\nPPid:\t"+emulator+"\n")) {
			continue
		}
		for _, function := range functions {
			if bytes.Contains(environment, []byte("AWS_LAMBDA_FUNCTION_NAME=latchkey-"+function+"-")) {
				pid, err := strconv.Atoi(filepath.Base(process))
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, pid)
			}
		}
	}
	return found
}

// killAtRandom ends one process of the functions after the other until end, and returns how many.
func killAtRandom(t testing.TB, end time.Time, functions ...string) (killed int) {
	t.Helper()
	for time.Now().Before(end) {
		time.Sleep(time.Duration(100+rand.IntN(300)) * time.Millisecond)
		if alive := processesOf(t, functions...); len(alive) > 0 {
			kill(alive[rand.IntN(len(alive))])
			killed++
		}
	}
	return killed
}

// kill ends processes as the end of a host does: at once, whatever they are doing. It returns when they have ended, as
// nobody hands a request to a host that is gone.
func kill(processes ...int) {
	for _, pid := range processes {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by itself
	}
	for _, pid := range processes {
		for deadline := time.Now().Add(time.Second); runs(pid) && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		}
	}
}

// runs reports whether a process has not ended. One that has ended may still be listed, until its parent asks for it.
func runs(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// linesOf is how many uses of a key the functions' log tells of.
func linesOf(t testing.TB, keyID string) int {
	t.Helper()
	n := 0
	for line := range strings.Lines(logWith(t)) {
		if strings.Contains(line, `"key_use"`) && strings.Contains(line, `"key":"`+keyID+`"`) {
			n++
		}
	}
	return n
}

// While callers use keys, processes that check keys and processes that count uses are
// killed at random, idle or busy. A request whose process was killed has no good answer, and
// may be a use or not: the log must have each answered use, and exactly those that were made.
func TestUsesAreCountedToTheLastThoughProcessesDie(t *testing.T) {
	needs(t, theProcesses)
	const keys, callers, span = 4, 6, 12 * time.Second
	p := member(t)
	var used [keys]key
	var answered, unanswered [keys]atomic.Int64
	for i := range used {
		used[i] = newKey(t, p.token, nil)
	}
	end := time.Now().Add(span)
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			for n := caller; time.Now().Before(end); n++ {
				a, err := try(t, client, request{method: "GET", path: me, as: used[n%keys].Key})
				if err == nil && a.status == http.StatusOK {
					answered[n%keys].Add(1)
				} else {
					unanswered[n%keys].Add(1)
				}
			}
		})
	}
	killed := killAtRandom(t, end, "AuthorizerFunction", "UsesCountFunction")
	all.Wait()
	if killed < 10 {
		t.Fatalf("only %d processes were killed: this run proves nothing", killed)
	}
	for i, k := range used {
		good, bad := int(answered[i].Load()), int(unanswered[i].Load())
		made := linesOf(t, k.ID)
		t.Logf("key %d: %d answered, %d not, %d uses made; %d processes killed", i, good, bad, made, killed)
		if made < good || made > good+bad {
			t.Errorf("key %d: %d uses were made by %d answered requests and %d others", i, made, good, bad)
		}
		awaitUses(t, p.token, k.ID, uses{"GET " + me: {made, 0}})
	}
}

// Each of so many requests at once meets a process of its own, which has never seen the key.
// tests/burst does the same with more processes than the emulator serves in time.
func TestBurstWithOneKeyFromColdProcessesIsAnsweredAndCountedWhole(t *testing.T) {
	needs(t, theProcesses)
	const requests = 60
	p := member(t)
	k := newKey(t, p.token, nil)
	kill(processesOf(t, "AuthorizerFunction")...)
	before := len(processesOf(t, "AuthorizerFunction"))
	began := time.Now()
	var all sync.WaitGroup
	statuses := make([]int, requests)
	for i := range requests {
		all.Go(func() {
			a, err := try(t, client, request{method: "GET", path: me, as: k.Key})
			if err != nil {
				t.Error(err)
			}
			statuses[i] = a.status
		})
	}
	all.Wait()
	cold := len(processesOf(t, "AuthorizerFunction")) - before
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	t.Logf("answers by status within %v: %v, from %d cold processes", time.Since(began).Round(100*time.Millisecond), count, cold)
	if count[http.StatusOK] != requests {
		t.Errorf("of %d requests %d were answered with 200: %v", requests, count[http.StatusOK], count)
	}
	awaitUses(t, p.token, k.ID, uses{"GET " + me: {requests, 0}})
}
