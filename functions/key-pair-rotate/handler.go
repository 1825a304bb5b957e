package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/latchkey/latchkey/shared/keypair"
	"github.com/latchkey/latchkey/shared/rotation"
	"github.com/latchkey/latchkey/shared/secret"
)

type handler struct {
	manager         rotation.Manager
	rotator         rotation.Rotator
	private, public string // ARNs
	algorithm       string // of new keys
	longest         time.Duration
	now             func() time.Time
}

// newHandler keeps a pair until the last token signed with it, which lives for longest, has expired.
func newHandler(m rotation.Manager, private, public, algorithm string, longest time.Duration, now func() time.Time) handler {
	h := handler{manager: m, private: private, public: public, algorithm: algorithm, longest: longest, now: now}
	h.rotator = rotation.New(m, private, h.next).Publishing(h.publish)
	return h
}

// serve answers CloudFormation, which sends a RequestType, and Secrets Manager, which sends a Step.
func (h handler) serve(ctx context.Context, event json.RawMessage) (any, error) {
	var kind struct{ RequestType string }
	if err := json.Unmarshal(event, &kind); err != nil {
		return nil, err
	}
	if kind.RequestType == "" {
		var in rotation.Request
		if err := json.Unmarshal(event, &in); err != nil {
			return nil, err
		}
		return nil, h.rotator.Serve(ctx, in)
	}
	var in cfn.Event
	if err := json.Unmarshal(event, &in); err != nil {
		return nil, err
	}
	return cfn.LambdaWrap(h.ensure)(ctx, in)
}

// ensure makes the first pair if there is none. CloudFormation waits for it, so a stack that is
// deployed can sign.
func (h handler) ensure(ctx context.Context, in cfn.Event) (id string, _ map[string]any, err error) {
	id = "key-pair"
	if in.RequestType == cfn.RequestDelete {
		return id, nil, nil // the secrets are deleted by themselves
	}
	ring, _, err := h.rotator.Current(ctx)
	if err == nil {
		return id, nil, h.publish(ctx, ring)
	}
	if !errors.Is(err, rotation.ErrEmpty) {
		return id, nil, err
	}
	key, err := keypair.New(h.algorithm)
	if err != nil {
		return id, nil, err
	}
	ring = secret.NewRing(h.now(), h.algorithm, key)
	if err := h.publish(ctx, ring); err != nil {
		return id, nil, err
	}
	return id, nil, h.put(ctx, h.private, ring)
}

func (h handler) next(_ context.Context, ring secret.Ring) (secret.Ring, error) {
	key, err := keypair.New(h.algorithm)
	if err != nil {
		return secret.Ring{}, err
	}
	at := h.now()
	return ring.RotateTo(at, h.algorithm, key, secret.SigningAt(at, h.longest))
}

// publish writes the public keys of a ring, which verifiers read.
func (h handler) publish(ctx context.Context, private secret.Ring) error {
	public, err := keypair.PublicRing(private)
	if err != nil {
		return err
	}
	return h.put(ctx, h.public, public)
}

func (h handler) put(ctx context.Context, arn string, ring secret.Ring) error {
	_, err := h.manager.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &arn, SecretString: aws.String(ring.Text())})
	if err != nil {
		return fmt.Errorf("failed to write a ring of keys: %w", err)
	}
	return nil
}
