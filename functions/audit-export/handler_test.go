package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/latchkey/latchkey/shared/export"
	"github.com/latchkey/latchkey/tests/expect"
)

// A bucket keeps what is put, or refuses it.
type bucket struct {
	t       *testing.T
	refusal error
	objects map[string]string
}

func (b *bucket) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	if b.refusal != nil {
		return nil, b.refusal
	}
	text, err := io.ReadAll(in.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.objects[*in.Bucket+" "+*in.Key] = string(text)
	return &s3.PutObjectOutput{}, nil
}

func batch(t *testing.T, records string) (b export.Batch) {
	t.Helper()
	if err := json.Unmarshal([]byte(`{"Records":[`+records+`]}`), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

const two = `{"eventID":"a1","eventName":"INSERT","dynamodb":{"ApproximateCreationDateTime":1896087600,"NewImage":{"id":{"S":"1"},"action":{"S":"created"}}}},
	{"eventID":"b2","eventName":"INSERT","dynamodb":{"ApproximateCreationDateTime":1896087601,"NewImage":{"id":{"S":"2"},"action":{"S":"revoked"}}}}`

func TestBatchIsOneObjectWhoseNameIsTheSameWhenItComesAgain(t *testing.T) {
	for where, object := range map[string]string{
		"logs":           "logs 2030/01/31/11/a1-b2.jsonl",
		"logs/of/stacks": "logs of/stacks/2030/01/31/11/a1-b2.jsonl",
	} {
		b := &bucket{t: t, objects: map[string]string{}}
		h := newHandler(b, where, "latchkey")
		for range 2 {
			if err := h.serve(t.Context(), batch(t, two)); err != nil {
				t.Fatal(err)
			}
		}
		expect.Same(t, where+": the number of objects", len(b.objects), 1)
		text := b.objects[object]
		expect.Same(t, where+": the number of lines", strings.Count(text, "\n"), 2)
		for line := range strings.Lines(text) {
			expect.Same(t, "a line is JSON", json.Valid([]byte(line)), true)
		}
	}
}

func TestBatchThatCannotBeWrittenComesAgain(t *testing.T) {
	h := newHandler(&bucket{t: t, refusal: errors.New("AccessDenied")}, "logs", "latchkey")
	if err := h.serve(t.Context(), batch(t, two)); err == nil {
		t.Error("it says that it wrote what the bucket refused")
	}
}

func TestBatchWithoutLinesWritesNothing(t *testing.T) {
	b := &bucket{t: t, objects: map[string]string{}}
	removed := `{"eventID":"a1","eventName":"REMOVE","userIdentity":{"principalId":"dynamodb.amazonaws.com"},"dynamodb":{"OldImage":{}}}`
	for _, records := range []string{"", removed} {
		if err := newHandler(b, "logs", "latchkey").serve(t.Context(), batch(t, records)); err != nil {
			t.Error(err)
		}
	}
	expect.Same(t, "the number of objects", len(b.objects), 0)
}
