//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

const oneEvent = `{"events":[{"kind":"status"}]}`

// newRun starts a run and returns its path.
func newRun(t testing.TB, as string) string {
	t.Helper()
	return "/v1/runs/" + post(t, as, "/v1/runs", nil).is(t, 201).text(t, "id")
}

// follower polls a run and keeps what it saw.
type follower struct {
	t      testing.TB
	as     string
	run    string
	cursor string
	seen   []string // each event's seq and text
}

type poll struct {
	Status string `json:"status"`
	Events []struct {
		Seq  int `json:"seq"`
		Text any `json:"text"` // absent from an event without one
	} `json:"events"`
	Cursor      string `json:"cursor"`
	Finished    bool   `json:"finished"`
	PollAfterMS int    `json:"poll_after_ms"`
}

func pollOf(t testing.TB, as, run string) poll {
	t.Helper()
	return decode[poll](t, get(t, as, run+"/events/stream").is(t, 200))
}

// poll asks once and reports whether the run is finished.
func (f *follower) poll(limit int) bool {
	query := url.Values{"cursor": {f.cursor}, "limit": {fmt.Sprint(limit)}}
	a, err := try(f.t, patient, request{method: "GET", path: f.run + "/events/stream?" + query.Encode(), as: f.as})
	if err != nil || a.status != 200 {
		f.t.Errorf("a poll: %d %s %v", a.status, a.body, err)
		return true
	}
	got := decode[poll](f.t, a)
	for _, e := range got.Events {
		f.seen = append(f.seen, fmt.Sprintf("%d %v", e.Seq, e.Text))
	}
	f.cursor = got.Cursor
	wait := time.Duration(got.PollAfterMS) * time.Millisecond
	if (wait > 0) != (a.header.Get("Retry-After") != "") {
		f.t.Errorf("poll_after_ms is %v, Retry-After %q", wait, a.header.Get("Retry-After"))
	}
	if !got.Finished {
		time.Sleep(wait)
	}
	return got.Finished
}

func TestTwentyWritersAndTwoPollersOneOfWhichDies(t *testing.T) {
	const writers, appends, events = 20, 4, 3
	reader := admin(t).token
	writer := newKey(t, reader, object{"type": "client"}).Key
	run := newRun(t, writer)

	start := time.Now()
	var writing, polling sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for n := range appends {
				body := fmt.Sprintf(`{"events":[{"kind":"status","text":"%[1]d.%[2]d.0"},{"kind":"assist","text":"%[1]d.%[2]d.1"},{"kind":"status","text":"%[1]d.%[2]d.2"}]}`, w, n)
				a, err := try(t, patient, request{method: "POST", path: run + "/events", as: writer, body: body})
				if err != nil || a.status != 202 {
					t.Errorf("writer %d: %d %s %v", w, a.status, a.body, err)
				}
			}
		})
	}
	steady := &follower{t: t, as: reader, run: run}
	polling.Go(func() {
		for !steady.poll(50) {
		}
	})
	mortal := &follower{t: t, as: reader, run: run}
	polling.Go(func() {
		for len(mortal.seen) < 20 && !t.Failed() {
			mortal.poll(7)
		}
		// It dies with an answer that it never got to see, and resumes elsewhere.
		saved := mortal.cursor
		(&follower{t: t, as: reader, run: run, cursor: saved}).poll(7)
		for !mortal.poll(1000) {
		}
	})
	writing.Wait()
	t.Logf("%d appends by %d writers took %v", writers*appends, writers, time.Since(start))
	post(t, writer, run+"/events", `{"status":"pass"}`).is(t, 202)
	polling.Wait()

	const all = writers*appends*events + 1
	if len(steady.seen) != all {
		t.Fatalf("%d events, want %d", len(steady.seen), all)
	}
	texts := map[string]bool{}
	for i, e := range steady.seen {
		var seq int
		var text string
		if _, err := fmt.Sscanf(e, "%d %s", &seq, &text); err != nil {
			t.Fatalf("event %d is %q: %v", i+1, e, err)
		}
		if seq != i+1 {
			t.Fatalf("event %d has the number %d", i+1, seq)
		}
		if texts[text] {
			t.Fatalf("event %d has the text %s of an earlier one", i+1, text)
		}
		texts[text] = true
	}
	if fmt.Sprint(mortal.seen) != fmt.Sprint(steady.seen) {
		t.Fatalf("the poller that died saw %v, the other %v", mortal.seen, steady.seen)
	}
}

func TestPollTakesATokenFromTheQueryButNoKey(t *testing.T) {
	p := member(t)
	run := newRun(t, p.token)
	stream := run + "/events/stream?token="
	get(t, "", stream+p.token).is(t, 200)
	k := newKey(t, p.token, object{"type": "read_only"}).Key
	get(t, "", stream+k).refused(t, 401, "TOKEN_INVALID")
	get(t, "", stream+"x.y.z").refused(t, 401, "TOKEN_INVALID")
	get(t, "", stream).refused(t, 401, "MISSING_CREDENTIALS")
	get(t, k, stream+p.token).refused(t, 400, "MULTIPLE_CREDENTIALS")
	get(t, k, run+"/events/stream").is(t, 200)
	post(t, "", run+"/events?token="+p.token, `{"status":"pass"}`).refused(t, 401, "MISSING_CREDENTIALS")
	post(t, "", "/v1/runs?token="+p.token, nil).refused(t, 401, "MISSING_CREDENTIALS")
}

func TestPollTakesAnAccessTokenFromTheQuery(t *testing.T) {
	p := owner(t)
	get(t, "", newRun(t, p.token)+"/events/stream?token="+logInForPair(t, p.Email, p.password).AccessToken).is(t, 200)
}

func TestKeysWriteOrReadEventsAsTheirTypeAllows(t *testing.T) {
	p := member(t)
	run := newRun(t, p.token)
	keyOf := func(fields object) string { return newKey(t, p.token, fields).Key }
	client, reader, secret := keyOf(object{"type": "client"}), keyOf(object{"type": "read_only"}), keyOf(object{"type": "secret"})
	for name, row := range map[string]struct {
		key         string
		write, read int
	}{
		"client": {client, 202, 403}, "read_only": {reader, 403, 200},
		"secret": {secret, 202, 200}, "of another scope": {keyOf(object{"scopes": []string{"read:stats"}}), 403, 403},
	} {
		if got := post(t, row.key, run+"/events", oneEvent); got.status != row.write {
			t.Errorf("%s: writing is %d %s, want %d", name, got.status, got.body, row.write)
		}
		if got := get(t, row.key, run+"/events/stream"); got.status != row.read {
			t.Errorf("%s: reading is %d %s, want %d", name, got.status, got.body, row.read)
		}
	}
	if got := createKey(t, client, nil); got.status != 403 {
		t.Errorf("a client key made a key: %d", got.status)
	}
	if got := createKey(t, reader, nil); got.status != 403 {
		t.Errorf("a read-only key made a key: %d", got.status)
	}
	if got := createKey(t, secret, object{"type": "client"}); got.status != 201 {
		t.Errorf("a secret key made no key: %d %s", got.status, got.body)
	}
}

func TestRunOfAnotherTenantOrProjectIsNotFound(t *testing.T) {
	p := member(t)
	run := newRun(t, p.token)
	project := newProject(t, p.token, "other_")
	strange := newKey(t, admin(t).token, object{"type": "secret"}).Key
	for name, as := range map[string]string{
		"another tenant": other(t).token, "an administrator": admin(t).token, "another tenant's key": strange,
		"another project's key": newKey(t, p.token, object{"type": "secret", "project_id": project.ID}).Key,
	} {
		for _, got := range []answer{get(t, as, run+"/events/stream"), post(t, as, run+"/events", `{"status":"pass"}`)} {
			expect.Same(t, name+": status", got.status, 404)
			expect.Same(t, name+": error_code", got.problem(t).Code, "RESOURCE_NOT_FOUND")
		}
	}
	post(t, strange, "/v1/runs", object{"project_id": project.ID}).refused(t, 404, "RESOURCE_NOT_FOUND")
	if got := pollOf(t, p.token, run); got.Status != "running" {
		t.Errorf("somebody ended it: it is %s", got.Status)
	}
}

func TestRepeatedAppendIsOneAndAFinishedRunTakesNone(t *testing.T) {
	p := member(t)
	run := newRun(t, p.token)
	for range 3 {
		got := decode[struct {
			Status string `json:"status"`
			First  int    `json:"first_seq"`
			Last   int    `json:"last_seq"`
		}](t, send(t, request{
			method: "POST", path: run + "/events", as: p.token, header: map[string]string{"Idempotency-Key": "k1"},
			body: `{"events":[{"kind":"status"}],"status":"fail"}`,
		}).is(t, 202))
		if got.First != 1 {
			t.Fatalf("first_seq is %d, want 1", got.First)
		}
		if got.Last != 2 {
			t.Fatalf("last_seq is %d, want 2", got.Last)
		}
		if got.Status != "fail" {
			t.Fatalf("the status is %q, want fail", got.Status)
		}
	}
	post(t, p.token, run+"/events", oneEvent).refused(t, 409, "DUPLICATE_RESOURCE")
	got := pollOf(t, p.token, run)
	if len(got.Events) != 2 {
		t.Errorf("the run has %d events, want 2", len(got.Events))
	}
	if !got.Finished {
		t.Error("the run is not finished")
	}
	if got.Status != "fail" {
		t.Errorf("the run's status is %q, want fail", got.Status)
	}
	get(t, p.token, run+"/events/stream?cursor=nonsense").refused(t, 400, "INVALID_PARAMETER")
}
