package main

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// A bucket is what the function uses of S3; s3.Client.
type bucket interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	GetBucketNotificationConfiguration(context.Context, *s3.GetBucketNotificationConfigurationInput, ...func(*s3.Options)) (*s3.GetBucketNotificationConfigurationOutput, error)
}

// An object is where the deployer keeps their catalogue.
type object struct {
	bucket    bucket
	name, key string
}

// maxText bounds a catalogue, which is an item of the table. One of 60 resources takes about 12 KB.
const maxText = 128 << 10

// text reads the object.
func (o object) text(ctx context.Context) ([]byte, error) {
	got, err := o.bucket.GetObject(ctx, &s3.GetObjectInput{Bucket: &o.name, Key: &o.key})
	if err != nil {
		return nil, fmt.Errorf("failed to read the catalogue %s: %w", o, err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(got.Body, maxText+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("failed to read the catalogue %s: %w", o, err)
	case len(text) > maxText:
		return nil, refused{fmt.Errorf("%s is longer than %d bytes", o, maxText)}
	}
	return text, nil
}

// announces returns an error if the bucket does not tell EventBridge of its changes: then nothing would
// notice that the catalogue changed.
func (o object) announces(ctx context.Context) error {
	got, err := o.bucket.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: &o.name})
	if err != nil {
		return fmt.Errorf("failed to read the notifications of the bucket %s: %w", o.name, err)
	}
	if got.EventBridgeConfiguration == nil {
		return refused{fmt.Errorf("the bucket %s sends no events to EventBridge, so a change of the catalogue would not be noticed. Switch them on: "+
			`aws s3api put-bucket-notification-configuration --bucket %s --notification-configuration '{"EventBridgeConfiguration": {}}' `+
			"(with the bucket's other notifications, if it has any)", o.name, o.name)}
	}
	return nil
}

func (o object) String() string { return "s3://" + o.name + "/" + o.key }
