//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

// What the landed release was made to keep, and what it answered.
type landed struct {
	p            person
	in           pair   // of access and refresh token
	quiet        key    // used before the upgrade only
	loaded       key    // used all the time
	idle         key    // used after the upgrade only
	limited      key    // to limitedTo reads in a window that outlasts the test
	revoked      key    // for good
	old, fresh   string // secrets of one key, the old one in its grace
	clientToken  string // made from loaded
	run, cursor  string
	log, logNext object // the quiet key's log, and its first page
	keys         []object
}

const (
	limitedTo     = 50
	limitedBefore = 20 // reads of them before the upgrade
)

func TestUpgradeInPlaceRefusesNobodyAndKeepsWhatWas(t *testing.T) {
	needs(t, theUpgrade)
	was, other := fill(t), member(t)
	load := &load{done: make(chan struct{}), answered: map[string]int{}}
	load.ask(t, map[string]string{
		"a key": was.loaded.Key, "an old secret in its grace": was.old, "a new secret": was.fresh,
		"a session token": was.p.token, "an access token": was.in.AccessToken, "a client token": was.clientToken,
	})
	load.live(t, other)
	command := strings.Fields(os.Getenv("LATCHKEY_UPGRADE"))
	if out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("the upgrade failed: %v\n%s", err, out)
	}
	time.Sleep(2 * time.Second) // for requests that meet this tree only
	answered := load.end(t)
	was.compare(t)
	was.checkUses(t, answered["a key"]+answered["a client token"])
}

func fill(t *testing.T) landed {
	t.Helper()
	p := member(t)
	was := landed{p: p, in: logInForPair(t, p.Email, p.password)}
	was.quiet = newKey(t, p.token, object{"scopes": []string{"read:stats"}, "metadata": object{"team": "a"}})
	was.loaded, was.idle, was.revoked = newKey(t, p.token, nil), newKey(t, p.token, nil), newKey(t, p.token, nil)
	was.limited = newKey(t, p.token, object{"rate_limit": object{"read": limitedTo}})
	first := newKey(t, p.token, nil)
	was.old, was.fresh = first.Key, regenerated(t, p.token, first.ID, object{"grace_seconds": 600}).Key
	revoke(t, p.token, was.revoked.ID)
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {was.loaded.ID}, "client_secret": {was.loaded.Key}}
	was.clientToken = post(t, "", "/oauth/token", form).is(t, 200).text(t, "access_token")
	was.run = newRun(t, p.token)
	post(t, p.token, was.run+"/events", `{"events":[{"kind":"status"},{"kind":"status"}]}`).is(t, 202)
	was.cursor = pollOf(t, p.token, was.run).Cursor
	for range 7 {
		get(t, was.quiet.Key, me).is(t, 200)
	}
	post(t, was.quiet.Key, "/v1/runs", nil).is(t, 403)
	for range limitedBefore {
		get(t, was.limited.Key, me).is(t, 200)
	}
	writeDownUses(t)
	was.log = get(t, p.token, auditKeys+was.quiet.ID+"/audit-log?limit=100").is(t, 200).fields(t)
	was.logNext = get(t, p.token, auditKeys+was.quiet.ID+"/audit-log?limit=1").is(t, 200).fields(t)
	was.keys = listOfKeys(t, p.token)
	return was
}

// writeDownUses ends the processes of the landed release with a warning, on which they write
// what uses they have gathered.
func writeDownUses(t testing.TB) {
	t.Helper()
	res, err := http.Post(os.Getenv("AWS_ENDPOINT_URL")+"/_latchkey/kill", "application/json", bytes.NewReader([]byte(`{"sigterm": true}`)))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("the emulator ended no process: %v", err)
	}
	_ = res.Body.Close()
}

func listOfKeys(t testing.TB, as string) (keys []object) {
	t.Helper()
	return decode[[]object](t, get(t, as, "/v1/api-keys").is(t, 200))
}

func (was landed) compare(t *testing.T) {
	t.Helper()
	p := was.p
	same(t, "the quiet key's log", get(t, p.token, auditKeys+was.quiet.ID+"/audit-log?limit=100").is(t, 200).fields(t), was.log)
	rest := get(t, p.token, auditKeys+was.quiet.ID+"/audit-log?limit=100&cursor="+was.logNext["next_cursor"].(string)).is(t, 200).fields(t)
	same(t, "the log after a cursor of the landed release", rest["entries"], was.log["entries"].([]any)[1:])
	keys := listOfKeys(t, p.token)
	if len(keys) != len(was.keys) {
		t.Fatalf("the list has %d keys and had %d", len(keys), len(was.keys))
	}
	for i, k := range keys {
		for name, value := range was.keys[i] {
			if name == "last_used_at" && k["id"] != was.quiet.ID {
				continue // it was used meanwhile
			}
			same(t, fmt.Sprintf("%s of key %v", name, k["id"]), k[name], value)
		}
	}
	admitted := 0
	for range limitedTo {
		if sendOnce(t, request{method: "GET", path: me, as: was.limited.Key}).status == http.StatusOK {
			admitted++
		}
	}
	expect.Same(t, "reads left of the limit after the upgrade", admitted, limitedTo-limitedBefore)
	sendOnce(t, request{method: "GET", path: me, as: was.revoked.Key}).refused(t, 401, "API_KEY_REVOKED")

	post(t, p.token, was.run+"/events", oneEvent).is(t, 202)
	polled := decode[poll](t, get(t, p.token, was.run+"/events/stream?cursor="+url.QueryEscape(was.cursor)).is(t, 200))
	if n := len(polled.Events); n != 1 {
		t.Fatalf("%d events come after the cursor of the landed release, want one", n)
	}
	expect.Same(t, "the number of the event after the cursor of the landed release", polled.Events[0].Seq, 3)
	next := decode[pair](t, refresh(t, was.in.RefreshToken).is(t, 200))
	get(t, next.AccessToken, "/api/v1/users/me").is(t, 200)
	logIn(t, p.Email, p.password)
	rotated := regenerated(t, p.token, was.quiet.ID, nil)
	get(t, rotated.Key, me).is(t, 200)
	sendOnce(t, request{method: "GET", path: me, as: was.quiet.Key}).refused(t, 401, "API_KEY_INVALID")
}

// checkUses holds the logs to what was sent: after the upgrade to the last request, and for
// the key that was used all the time to no more than that. What the landed release had
// gathered when its processes ended may be missing.
func (was landed) checkUses(t *testing.T, answered int) {
	t.Helper()
	for range 5 {
		get(t, was.idle.Key, me).is(t, 200)
	}
	awaitUses(t, was.p.token, was.idle.ID, uses{"GET " + me: {5, 0}})
	printed, byLanded, byThis := linesOf(t, was.loaded.ID), 0, 0
	for began := time.Now(); ; time.Sleep(500 * time.Millisecond) {
		if byLanded, byThis = was.counted(t); byThis == printed {
			break
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("this release printed %d uses, and counted %d", printed, byThis)
		}
	}
	t.Logf("of %d requests with the key that was used all the time, the landed release counted %d, this one %d", answered, byLanded, byThis)
	if byLanded+byThis > answered {
		t.Errorf("%d uses are in the log, and %d were made", byLanded+byThis, answered)
	}
	if byLanded == 0 {
		t.Error("the landed release served nothing: this run proves nothing")
	}
	if byThis == 0 {
		t.Error("this release served nothing: this run proves nothing")
	}
}

// counted is how many uses of the key that was used all the time each release has counted.
// The landed one did not say on which API.
func (was landed) counted(t *testing.T) (byLanded, byThis int) {
	t.Helper()
	for _, e := range auditLog(t, was.p.token, was.loaded.ID) {
		switch {
		case e.Action != "used" || e.Route != "GET "+me:
		case e.API == "":
			byLanded += e.Count
		default:
			byThis += e.Count
		}
	}
	return byLanded, byThis
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	was := plain(t, want)
	now := known(plain(t, got), was)
	if !reflect.DeepEqual(now, was) {
		t.Errorf("%s is now\n%v\nand was\n%v", what, now, was)
	}
}

// plain is a value as its JSON says it.
func plain(t testing.TB, value any) (read any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// known is got without the members that want lacks: a release may add members to an answer.
func known(got, want any) any {
	switch want := want.(type) {
	case map[string]any:
		members, isObject := got.(map[string]any)
		if !isObject {
			return got
		}
		kept := map[string]any{}
		for name, was := range want {
			if now, has := members[name]; has {
				kept[name] = known(now, was)
			}
		}
		return kept
	case []any:
		list, isList := got.([]any)
		if !isList || len(list) != len(want) {
			return got
		}
		kept := slices.Clone(list)
		for i := range kept {
			kept[i] = known(list[i], want[i])
		}
		return kept
	}
	return got
}
