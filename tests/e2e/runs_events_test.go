//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"
)

// runsFollower polls a run and keeps what it saw.
type runsFollower struct {
	caller runsCaller
	run    string
	cursor string
	seen   []string // each event's seq and text
}

// poll asks once and says whether the run is finished.
func (f *runsFollower) poll(limit int) bool {
	f.caller.t.Helper()
	query := url.Values{"cursor": {f.cursor}, "limit": {fmt.Sprint(limit)}}
	got := f.caller.want(200, "GET", f.run+"/events/stream?"+query.Encode(), "")
	for _, e := range got.body["events"].([]any) {
		event := e.(map[string]any)
		f.seen = append(f.seen, fmt.Sprintf("%v %v", event["seq"], event["text"]))
	}
	f.cursor = got.body["cursor"].(string)
	wait := time.Duration(got.body["poll_after_ms"].(float64)) * time.Millisecond
	if (wait > 0) != (got.header.Get("Retry-After") != "") {
		f.caller.t.Errorf("poll_after_ms is %v, Retry-After %q", wait, got.header.Get("Retry-After"))
	}
	finished := got.body["finished"].(bool)
	if !finished {
		time.Sleep(wait)
	}
	return finished
}

func TestTwentyWritersAndTwoPollersOneOfWhichDies(t *testing.T) {
	const writers, appends, events = 20, 4, 3
	admin := runsAdmin(t)
	key, _ := admin.key(`,"type":"client"`)
	run := key.run()

	start := time.Now()
	var writing, polling sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for n := range appends {
				body := fmt.Sprintf(`{"events":[{"kind":"status","text":"%[1]d.%[2]d.0"},{"kind":"assist","text":"%[1]d.%[2]d.1"},{"kind":"status","text":"%[1]d.%[2]d.2"}]}`, w, n)
				if got := key.do("POST", run+"/events", body); got.status != 202 {
					t.Errorf("writer %d: %d %s", w, got.status, got.text)
				}
			}
		})
	}
	steady := &runsFollower{caller: admin, run: run}
	polling.Go(func() {
		for !steady.poll(50) {
		}
	})
	mortal := &runsFollower{caller: admin, run: run}
	polling.Go(func() {
		for len(mortal.seen) < 20 {
			mortal.poll(7)
		}
		// It dies with an answer that it never got to see, and resumes elsewhere.
		saved := mortal.cursor
		(&runsFollower{caller: admin, run: run, cursor: saved}).poll(7)
		for !mortal.poll(1000) {
		}
	})
	writing.Wait()
	t.Logf("%d appends by %d writers took %v", writers*appends, writers, time.Since(start))
	key.want(202, "POST", run+"/events", `{"status":"pass"}`)
	polling.Wait()

	const all = writers*appends*events + 1
	if len(steady.seen) != all {
		t.Fatalf("%d events, want %d", len(steady.seen), all)
	}
	texts := map[string]bool{}
	for i, e := range steady.seen {
		var seq int
		var text string
		if _, err := fmt.Sscanf(e, "%d %s", &seq, &text); err != nil || seq != i+1 || texts[text] {
			t.Fatalf("event %d is %s", i+1, e)
		}
		texts[text] = true
	}
	if fmt.Sprint(mortal.seen) != fmt.Sprint(steady.seen) {
		t.Fatalf("the poller that died saw %v, the other %v", mortal.seen, steady.seen)
	}
}

func TestPollTakesATokenFromTheQueryButNoKey(t *testing.T) {
	member := runsMember(t)
	run := member.run()
	stream := run + "/events/stream?token="
	nobody := runsCaller{t, ""}
	nobody.want(200, "GET", stream+member.credential, "")
	key, _ := member.key(`,"type":"read_only"`)
	if got := nobody.want(401, "GET", stream+key.credential, ""); got.body["error_code"] != "TOKEN_INVALID" {
		t.Errorf("a key in the query: %s", got.text)
	}
	if got := nobody.want(401, "GET", stream+"x.y.z", ""); got.body["error_code"] != "TOKEN_INVALID" {
		t.Errorf("a forged token: %s", got.text)
	}
	if got := nobody.want(401, "GET", stream, ""); got.body["error_code"] != "MISSING_CREDENTIALS" {
		t.Errorf("an empty token: %s", got.text)
	}
	if got := key.want(400, "GET", stream+member.credential, ""); got.body["error_code"] != "MULTIPLE_CREDENTIALS" {
		t.Errorf("a key and a token: %s", got.text)
	}
	key.want(200, "GET", run+"/events/stream", "")
	nobody.want(401, "POST", run+"/events?token="+member.credential, `{"status":"pass"}`)
	nobody.want(401, "POST", "/v1/runs?token="+member.credential, "")
}

func TestPollTakesAnAccessTokenFromTheQuery(t *testing.T) {
	run := runsAdmin(t).run()
	access := runsLogin(t, "/api/auth/login", "access_token", os.Getenv("ADMIN_EMAIL"), os.Getenv("ADMIN_PASSWORD"))
	runsCaller{t, ""}.want(200, "GET", run+"/events/stream?token="+access.credential, "")
}

func TestKeysWriteOrReadEventsAsTheirTypeAllows(t *testing.T) {
	member := runsMember(t)
	run := member.run()
	event := `{"events":[{"kind":"status"}]}`
	client, _ := member.key(`,"type":"client"`)
	reader, _ := member.key(`,"type":"read_only"`)
	secret, _ := member.key(`,"type":"secret"`)
	stats, _ := member.key(`,"scopes":["read:stats"]`)
	for name, row := range map[string]struct {
		key         runsCaller
		write, read int
	}{
		"client": {client, 202, 403}, "read_only": {reader, 403, 200},
		"secret": {secret, 202, 200}, "of another scope": {stats, 403, 403},
	} {
		if got := row.key.do("POST", run+"/events", event); got.status != row.write {
			t.Errorf("%s: writing is %d %s, want %d", name, got.status, got.text, row.write)
		}
		if got := row.key.do("GET", run+"/events/stream", ""); got.status != row.read {
			t.Errorf("%s: reading is %d %s, want %d", name, got.status, got.text, row.read)
		}
	}
	if got := client.do("POST", "/v1/api-keys", `{"name":"x"}`); got.status != 403 {
		t.Errorf("a client key made a key: %d", got.status)
	}
	if got := reader.do("POST", "/v1/api-keys", `{"name":"x"}`); got.status != 403 {
		t.Errorf("a read-only key made a key: %d", got.status)
	}
	if got := secret.do("POST", "/v1/api-keys", `{"name":"x","type":"client"}`); got.status != 201 {
		t.Errorf("a secret key made no key: %d %s", got.status, got.text)
	}
}

func TestRunOfAnotherTenantOrProjectIsNotFound(t *testing.T) {
	member := runsMember(t)
	run := member.run()
	project := member.want(201, "POST", "/v1/projects", `{"name":"other"}`).body["id"].(string)
	elsewhere, _ := member.key(`,"type":"secret","project_id":"` + project + `"`)
	strange, _ := runsAdmin(t).key(`,"type":"secret"`)
	for name, other := range map[string]runsCaller{
		"another tenant": runsMember(t), "an administrator": runsAdmin(t),
		"another tenant's key": strange, "another project's key": elsewhere,
	} {
		for _, got := range []runsAnswer{
			other.do("GET", run+"/events/stream", ""),
			other.do("POST", run+"/events", `{"status":"pass"}`),
		} {
			if got.status != 404 || got.body["error_code"] != "RESOURCE_NOT_FOUND" {
				t.Errorf("%s: %d %s, want 404", name, got.status, got.text)
			}
		}
	}
	if got := strange.do("POST", "/v1/runs", `{"project_id":"`+project+`"}`); got.status != 404 {
		t.Errorf("a run in another's project: %d %s, want 404", got.status, got.text)
	}
	if got := member.want(200, "GET", run+"/events/stream", ""); got.body["status"] != "running" {
		t.Errorf("somebody ended it: %s", got.text)
	}
}

func TestRepeatedAppendIsOneAndAFinishedRunTakesNone(t *testing.T) {
	member := runsMember(t)
	run := member.run()
	for range 3 {
		got := member.want(202, "POST", run+"/events", `{"events":[{"kind":"status"}],"status":"fail"}`, "Idempotency-Key", "k1")
		if got.body["first_seq"] != 1.0 || got.body["last_seq"] != 2.0 || got.body["status"] != "fail" {
			t.Fatalf("got %s", got.text)
		}
	}
	if got := member.want(409, "POST", run+"/events", `{"events":[{"kind":"status"}]}`); got.body["error_code"] != "DUPLICATE_RESOURCE" {
		t.Errorf("got %s", got.text)
	}
	got := member.want(200, "GET", run+"/events/stream", "")
	if events := got.body["events"].([]any); len(events) != 2 || got.body["finished"] != true || got.body["status"] != "fail" {
		t.Errorf("got %s", got.text)
	}
	if got := member.do("GET", run+"/events/stream?cursor=nonsense", ""); got.status != 400 || got.body["error_code"] != "INVALID_PARAMETER" {
		t.Errorf("a forged cursor: %d %s", got.status, got.text)
	}
}
