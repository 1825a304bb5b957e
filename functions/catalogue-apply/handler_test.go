package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

const good, better = `{"scopes": [{"name": "read:x"}]}`, `{"scopes": [{"name": "read:x"}, {"name": "write:x"}]}`

// A bucketful is a bucket with one object.
type bucketful struct {
	mu     sync.Mutex
	text   string
	err    error
	silent bool   // it sends no events
	read   func() // is called when the object has been read
}

func (b *bucketful) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	b.mu.Lock()
	text, err, read := b.text, b.err, b.read
	b.mu.Unlock()
	if read != nil {
		read()
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(text))}, err
}

func (b *bucketful) GetBucketNotificationConfiguration(context.Context, *s3.GetBucketNotificationConfigurationInput, ...func(*s3.Options)) (*s3.GetBucketNotificationConfigurationOutput, error) {
	if b.silent {
		return &s3.GetBucketNotificationConfigurationOutput{}, nil
	}
	return &s3.GetBucketNotificationConfigurationOutput{EventBridgeConfiguration: &types.EventBridgeConfiguration{}}, nil
}

type world struct {
	handler
	t      *testing.T
	bucket *bucketful
}

func newWorld(t *testing.T) *world {
	t.Helper()
	b := &bucketful{text: good}
	return &world{handler{object{b, "ours", "theirs.json"}, storetest.New(t), time.Now}, t, b}
}

// byHand is a call by a person.
func (w *world) byHand() error {
	_, err := w.serve(w.t.Context(), json.RawMessage(`{}`))
	return err
}

func (w *world) wantInForce(revision int, text string) {
	w.t.Helper()
	found, err := w.store.Catalogue(w.t.Context())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		w.t.Fatal(err)
	}
	expect.Same(w.t, "the revision in force", found.Revision, revision)
	expect.Same(w.t, "the catalogue in force", found.Text, text)
}

// deploys has CloudFormation create or update the stack, and returns what it is told.
func (w *world) deploys(kind string) (status, reason string) {
	w.t.Helper()
	var said struct{ Status, Reason string }
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
			w.t.Error(err)
		}
	}))
	defer server.Close()
	event := fmt.Sprintf(`{"RequestType":%q,"ResponseURL":%q,"RequestId":"1","StackId":"s","LogicalResourceId":"Catalogue"}`, kind, server.URL)
	if _, err := w.serve(w.t.Context(), json.RawMessage(event)); err != nil {
		w.t.Fatal(err)
	}
	return said.Status, said.Reason
}

func TestAGoodCatalogueIsPublishedAndOnlyAChangeMakesARevision(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		if err := w.byHand(); err != nil {
			t.Fatal(err)
		}
		w.wantInForce(1, good)
	}
	w.bucket.text = better
	if err := w.byHand(); err != nil {
		t.Fatal(err)
	}
	w.wantInForce(2, better)
}

func TestABadCatalogueIsRefusedAndTheLastGoodOneStays(t *testing.T) {
	w := newWorld(t)
	if err := w.byHand(); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "{", `{"scopes": []}`, `{"scopes": [{"name": "admin"}]}`, `{"scopes": [{"name": "read:x"}]}` + strings.Repeat(" ", maxText)} {
		w.bucket.text = bad
		if err := w.byHand(); !errors.As(err, new(refused)) || !strings.Contains(err.Error(), "s3://ours/theirs.json") {
			t.Errorf("%.30q: a person is told %v", bad, err)
		}
		if _, err := w.serve(t.Context(), json.RawMessage(`{"detail-type": "Object Created"}`)); err != nil {
			t.Errorf("%.30q: EventBridge tries again: %v", bad, err)
		}
		w.wantInForce(1, good)
	}
}

func TestAnObjectThatCannotBeReadChangesNothingAndIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	if err := w.byHand(); err != nil {
		t.Fatal(err)
	}
	w.bucket.err = errors.New("down")
	if _, err := w.serve(t.Context(), json.RawMessage(`{"detail-type": "Object Created"}`)); err == nil {
		t.Error("EventBridge does not try again")
	}
	w.wantInForce(1, good)
}

func TestADeploymentWithABadCatalogueFailsWithItsLine(t *testing.T) {
	w := newWorld(t)
	w.bucket.text = "{\"scopes\": [\n{\"name\": \"read:x\"},\n{\"name\": \"read:x\"}]}"
	status, reason := w.deploys("Create")
	expect.Same(t, "the status", status, "FAILED")
	expect.Same(t, "the reason", reason, `s3://ours/theirs.json, line 3: "read:x" is there twice`)
	w.wantInForce(0, "")
	w.bucket.text = good
	status, _ = w.deploys("Create")
	expect.Same(t, "the status with a good one", status, "SUCCESS")
	w.wantInForce(1, good)
}

func TestADeploymentWhoseChangesNobodyWouldNoticeFails(t *testing.T) {
	w := newWorld(t)
	w.bucket.silent = true
	status, reason := w.deploys("Create")
	expect.Same(t, "the status", status, "FAILED")
	if !strings.Contains(reason, "aws s3api put-bucket-notification-configuration --bucket ours") {
		t.Errorf("the reason does not tell what to do: %s", reason)
	}
	w.wantInForce(0, "")
}

func TestDeletingTheStackNeedsNoCatalogue(t *testing.T) {
	w := newWorld(t)
	w.bucket.text, w.bucket.err = "{", errors.New("down")
	status, _ := w.deploys("Delete")
	expect.Same(t, "the status", status, "SUCCESS")
}

// One call reads an old object; before it publishes, another publishes the new one.
func TestACallThatReadAnOlderObjectDoesNotReplaceANewerOne(t *testing.T) {
	w := newWorld(t)
	once := sync.OnceFunc(func() {
		w.bucket.mu.Lock()
		w.bucket.text, w.bucket.read = better, nil
		w.bucket.mu.Unlock()
		if err := w.byHand(); err != nil {
			t.Error(err)
		}
	})
	w.bucket.read = once
	if err := w.byHand(); err != nil {
		t.Fatal(err)
	}
	w.wantInForce(1, better)
}
