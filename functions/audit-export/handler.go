package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/latchkey/latchkey/shared/export"
)

// A putter writes objects; s3.Client.
type putter interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

type handler struct {
	bucket       putter
	name, prefix string // of the bucket, and of the objects in it
	stack        string
}

// newHandler makes a handler. where is the name of a bucket, or a name, a slash and a prefix.
func newHandler(bucket putter, where, stack string) handler {
	name, prefix, found := strings.Cut(where, "/")
	if found {
		prefix += "/"
	}
	return handler{bucket, name, prefix, stack}
}

// serve writes the lines of one batch into one object. After an error Lambda brings the batch again,
// and nothing after it, until it succeeds or the stream forgets it, after 24 hours. The name of the
// object follows from the batch, so a batch that comes again replaces what it wrote.
func (h handler) serve(ctx context.Context, batch export.Batch) error {
	lines := export.Lines(batch, h.stack)
	if len(lines) == 0 {
		return nil
	}
	var body bytes.Buffer
	out := json.NewEncoder(&body)
	for _, line := range lines {
		if err := out.Encode(line); err != nil {
			return fmt.Errorf("failed to write a line: %w", err)
		}
	}
	first, last := batch.Records[0], batch.Records[len(batch.Records)-1]
	object := fmt.Sprintf("%s%s/%s-%s.jsonl", h.prefix, first.Time().Format("2006/01/02/15"), first.ID, last.ID)
	_, err := h.bucket.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &h.name, Key: &object, Body: bytes.NewReader(body.Bytes()), ContentType: aws.String("application/x-ndjson"),
	})
	if err != nil {
		slog.ErrorContext(ctx, "audit log not exported", "lines", len(lines), "error", err.Error())
		return fmt.Errorf("failed to write the object of a batch: %w", err)
	}
	slog.InfoContext(ctx, "audit log exported", "lines", len(lines), "object", object)
	return nil
}
