//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// An exporting is what a test has read of the bucket of the export.
type exporting struct {
	bucket       *s3.Client
	name, prefix string
	read         map[string]bool   // objects
	entries      map[string]object // the newest line's, by key and id
	lines        map[string]int
}

func newExporting(t testing.TB) *exporting {
	t.Helper()
	needs(t, theBucket)
	name, prefix, _ := strings.Cut(parameter("AuditExportBucket", ""), "/")
	return &exporting{s3.NewFromConfig(awsConfig(t)), name, prefix, map[string]bool{}, map[string]object{}, map[string]int{}}
}

// more reads the objects that have come.
func (x *exporting) more(t testing.TB) {
	t.Helper()
	pages := s3.NewListObjectsV2Paginator(x.bucket, &s3.ListObjectsV2Input{Bucket: &x.name, Prefix: &x.prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			if x.read[*o.Key] {
				continue
			}
			x.read[*o.Key] = true
			got, err := x.bucket.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &x.name, Key: o.Key})
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(got.Body)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(text)) {
				x.take(t, line)
			}
		}
	}
}

func (x *exporting) take(t testing.TB, text string) {
	t.Helper()
	var line struct {
		ID, Event, Stack string
		Entry            object
	}
	if err := json.Unmarshal([]byte(text), &line); err != nil {
		t.Fatalf("a line of the bucket is no JSON: %v: %s", err, text)
	}
	name := entryName(line.Entry)
	x.lines[name]++
	if before, again := x.entries[name]; again && number64(before["count"]) > number64(line.Entry["count"]) {
		return // of several lines of an entry that counts, the highest holds
	}
	x.entries[name] = line.Entry
}

func number64(v any) float64 {
	n, _ := v.(float64)
	return n
}

func entryName(e object) string { return fmt.Sprint(e["key_id"], " ", e["id"]) }

// missing are the entries of a key's log that the bucket does not have, or has otherwise.
func (x *exporting) missing(t testing.TB, as, keyID string) (found []string) {
	t.Helper()
	page := decode[struct{ Entries []object }](t, get(t, as, auditKeys+keyID+"/audit-log?limit=100").is(t, 200))
	for _, e := range page.Entries {
		if !reflect.DeepEqual(x.entries[entryName(e)], e) {
			found = append(found, fmt.Sprintf("%v: in the log %v, in the bucket %v", e["action"], e, x.entries[entryName(e)]))
		}
	}
	if len(page.Entries) < 3 {
		t.Errorf("key %s has %d entries: this run proves nothing", keyID, len(page.Entries))
	}
	return found
}

// While keys are changed and used, the processes that export the log are killed at random, idle or
// busy. The bucket must have each entry as the log has it in the end.
func TestEachEntryIsInTheBucketThoughTheExportersDie(t *testing.T) {
	x := newExporting(t)
	const span = 12 * time.Second
	p := member(t)
	var keys [3]key
	for i := range keys {
		keys[i] = newKey(t, p.token, nil)
	}
	end := time.Now().Add(span)
	var all sync.WaitGroup
	for _, k := range keys {
		all.Go(func() {
			for time.Now().Before(end) {
				k = regenerated(t, p.token, k.ID, nil)
				for range 5 {
					if a, err := try(t, client, request{method: "GET", path: me, as: k.Key}); err != nil || a.status != http.StatusOK {
						t.Errorf("a good key: %d %v", a.status, err)
					}
				}
				time.Sleep(100 * time.Millisecond)
			}
			revoke(t, p.token, k.ID)
			send(t, request{method: "DELETE", path: auditKeys + k.ID, as: p.token}).is(t, 204)
		})
	}
	killed := 0
	for time.Now().Before(end) {
		time.Sleep(time.Duration(100+rand.IntN(300)) * time.Millisecond)
		if alive := processesOf(t, "AuditExportFunction"); len(alive) > 0 {
			kill(alive[rand.IntN(len(alive))])
			killed++
		}
	}
	all.Wait()
	if killed < 5 {
		t.Fatalf("only %d processes were killed: this run proves nothing", killed)
	}
	for began := time.Now(); ; time.Sleep(time.Second) {
		x.more(t)
		var missing []string
		for _, k := range keys {
			missing = append(missing, x.missing(t, p.token, k.ID)...)
		}
		if len(missing) == 0 {
			twice := 0
			for _, n := range x.lines {
				twice += n - 1
			}
			t.Logf("%d processes killed; all is there after %v, in %d objects, %d lines of entries that others show too",
				killed, time.Since(began).Round(time.Second), len(x.read), twice)
			return
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatalf("after two minutes the bucket lacks %d entries: %s", len(missing), missing[0])
		}
	}
}

func TestNothingSecretIsExported(t *testing.T) {
	x := newExporting(t)
	p := member(t)
	k := newKey(t, p.token, nil)
	fresh := regenerated(t, p.token, k.ID, nil)
	for began := time.Now(); len(x.missingOf(t, p.token, k.ID)) > 0; time.Sleep(time.Second) {
		if time.Since(began) > 2*time.Minute {
			t.Fatal("the bucket does not get the entries")
		}
		x.more(t)
	}
	text, err := json.Marshal(x.entries)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{k.Key, fresh.Key, p.token, p.password, p.Email} {
		if strings.Contains(string(text), secret) {
			t.Error("the bucket has a secret, or an e-mail address")
		}
	}
}

// missingOf is missing for a log that is short.
func (x *exporting) missingOf(t testing.TB, as, keyID string) (found []string) {
	t.Helper()
	for _, e := range auditLog(t, as, keyID) {
		if x.entries[keyID+" "+e.ID] == nil {
			found = append(found, e.ID)
		}
	}
	return found
}
