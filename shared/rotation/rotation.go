// Package rotation owns the four steps in which Secrets Manager has a function rotate a secret:
//
//	createSecret ─► setSecret ─► testSecret ─► finishSecret
//	makes the       publishes    the new ring  the new ring
//	new ring,       what others  follows the   becomes
//	AWSPENDING      need of it   present one   AWSCURRENT
//
// Secrets Manager repeats a step that failed, so each step may come twice.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
package rotation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/secret"
)

// A Request asks for one step.
type Request struct {
	Step     string `json:"Step"`
	SecretID string `json:"SecretId"`           // ARN
	Token    string `json:"ClientRequestToken"` // the id of the new version
}

// Manager is Secrets Manager; secretsmanager.Client.
type Manager interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
	UpdateSecretVersionStage(context.Context, *secretsmanager.UpdateSecretVersionStageInput, ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error)
}

// FromEnv returns Secrets Manager as the environment configures it. It makes no call.
func FromEnv() Manager { return secretsmanager.NewFromConfig(awsenv.Config("SECRETS_MANAGER")) }

// LongestToken returns the longest lifetime of a token that is signed: SESSION_LIFETIME, ACCESS_TOKEN_LIFETIME
// or REFRESH_TOKEN_LIFETIME.
func LongestToken(e *env.Reader) time.Duration {
	return max(e.Seconds("SESSION_LIFETIME"), e.Seconds("ACCESS_TOKEN_LIFETIME"), e.Seconds("REFRESH_TOKEN_LIFETIME"))
}

// A Rotator rotates one secret.
type Rotator struct {
	manager Manager
	arn     string
	next    func(context.Context, secret.Ring) (secret.Ring, error)
	publish func(context.Context, secret.Ring) error
}

// New makes a Rotator of the secret with that ARN. next returns the ring that replaces a ring.
func New(m Manager, arn string, next func(context.Context, secret.Ring) (secret.Ring, error)) Rotator {
	return Rotator{m, arn, next, func(context.Context, secret.Ring) error { return nil }}
}

// Publishing returns a Rotator that publishes each new ring before it comes into use.
func (r Rotator) Publishing(publish func(context.Context, secret.Ring) error) Rotator {
	r.publish = publish
	return r
}

// ErrEmpty reports a secret without a ring in the version that was asked for.
var ErrEmpty = errors.New("the secret has no such version")

const (
	stageCurrent = "AWSCURRENT"
	stagePending = "AWSPENDING"
)

// Serve performs a step.
func (r Rotator) Serve(ctx context.Context, in Request) error {
	err := r.step(ctx, in)
	if err != nil {
		slog.ErrorContext(ctx, "rotation failed", "step", in.Step, "error", err.Error())
	}
	return err
}

func (r Rotator) step(ctx context.Context, in Request) error {
	if in.SecretID != r.arn || in.Token == "" {
		return errors.New("this function rotates another secret")
	}
	switch in.Step {
	case "createSecret":
		return r.create(ctx, in.Token)
	case "setSecret":
		next, err := r.pending(ctx, in.Token)
		if err != nil {
			return err
		}
		return r.publish(ctx, next)
	case "testSecret":
		return r.test(ctx, in.Token)
	case "finishSecret":
		return r.finish(ctx, in.Token)
	}
	return fmt.Errorf("there is no step %q", in.Step)
}

// Current reads the ring that is in use, and the id of its version.
func (r Rotator) Current(ctx context.Context) (secret.Ring, string, error) {
	return r.read(ctx, &secretsmanager.GetSecretValueInput{SecretId: &r.arn, VersionStage: aws.String(stageCurrent)})
}

func (r Rotator) pending(ctx context.Context, token string) (secret.Ring, error) {
	ring, _, err := r.read(ctx, &secretsmanager.GetSecretValueInput{
		SecretId: &r.arn, VersionId: &token, VersionStage: aws.String(stagePending),
	})
	return ring, err
}

func (r Rotator) read(ctx context.Context, in *secretsmanager.GetSecretValueInput) (secret.Ring, string, error) {
	out, err := r.manager.GetSecretValue(ctx, in)
	if errors.As(err, new(*types.ResourceNotFoundException)) || err == nil && aws.ToString(out.SecretString) == "" {
		return secret.Ring{}, "", ErrEmpty
	}
	if err != nil {
		return secret.Ring{}, "", fmt.Errorf("failed to read the version %s: %w", *in.VersionStage, err)
	}
	ring, err := secret.ParseRing(aws.ToString(out.SecretString))
	return ring, aws.ToString(out.VersionId), err
}

func (r Rotator) create(ctx context.Context, token string) error {
	_, err := r.pending(ctx, token)
	if !errors.Is(err, ErrEmpty) {
		return err // nil: an earlier attempt has made it
	}
	current, _, err := r.Current(ctx)
	if err != nil {
		return err
	}
	next, err := r.next(ctx, current)
	if err != nil {
		return err
	}
	_, err = r.manager.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &r.arn, ClientRequestToken: &token, SecretString: aws.String(next.Text()), VersionStages: []string{stagePending},
	})
	if err != nil {
		return fmt.Errorf("failed to write the new ring: %w", err)
	}
	return nil
}

func (r Rotator) test(ctx context.Context, token string) error {
	next, err := r.pending(ctx, token)
	if err != nil {
		return err
	}
	current, _, err := r.Current(ctx)
	if err != nil {
		return err
	}
	if !next.Follows(current) {
		return errors.New("the new ring lacks a version that is in use: the secret was changed after createSecret")
	}
	return nil
}

func (r Rotator) finish(ctx context.Context, token string) error {
	before, id, err := r.Current(ctx)
	if err != nil || id == token { // an earlier attempt has finished
		return err
	}
	next, err := r.pending(ctx, token)
	if err != nil {
		return err
	}
	_, err = r.manager.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &r.arn, VersionStage: aws.String(stageCurrent), MoveToVersionId: &token, RemoveFromVersionId: &id,
	})
	if err != nil {
		return fmt.Errorf("failed to make the new ring current: %w", err)
	}
	was, _ := before.Current()
	is, _ := next.Current()
	slog.InfoContext(ctx, "rotated", "current_before", was, "current", is, "versions_before", before.Versions(), "versions", next.Versions())
	return nil
}
