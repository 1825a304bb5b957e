package secret

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/env"
)

// A Source reads a Ring when it is first needed and again once it is older than
// maxAge, so that a rotation reaches running functions.
type Source struct {
	read func(context.Context) (string, error)
	now  func() time.Time

	mu      sync.Mutex
	ring    Ring
	readAt  time.Time
	forceAt time.Time
	failed  error // why the last attempt to read did not succeed; nil if it did
}

const (
	maxAge   = 5 * time.Minute
	minForce = 10 * time.Second // between reads caused by an unknown version
)

// NewSource makes a Source from any function that reads the secret's text.
func NewSource(read func(context.Context) (string, error), now func() time.Time) *Source {
	return &Source{read: read, now: now}
}

// Pepper returns the secret for the hashes of keys (PEPPER_SECRET_ARN).
func Pepper(e *env.Reader) *Source { return fromSecretsManager(e.Required("PEPPER_SECRET_ARN")) }

// Factors returns the secret for what users have as second factors (FACTOR_SECRET_ARN).
func Factors(e *env.Reader) *Source { return fromSecretsManager(e.Required("FACTOR_SECRET_ARN")) }

// Signing returns the secret that signs tokens (SIGNING_SECRET_ARN). Under `sam local`, and only
// there, the environment variable JWT_SECRET can replace it.
func Signing(e *env.Reader) *Source {
	text := os.Getenv("JWT_SECRET")
	if text == "" || os.Getenv("AWS_SAM_LOCAL") != "true" {
		return fromSecretsManager(e.Required("SIGNING_SECRET_ARN"))
	}
	ring, err := json.Marshal(map[string]string{"current": "local", "local": text})
	if err == nil {
		_, err = ParseRing(string(ring))
	}
	if err != nil {
		e.Fail(fmt.Errorf("JWT_SECRET: %w", err))
	}
	return NewSource(func(context.Context) (string, error) { return string(ring), nil }, time.Now)
}

// KeyPair returns the public keys and the private keys that sign tokens (PUBLIC_KEYS_ARN and
// PRIVATE_KEYS_ARN). Both are nil where the deployment has none.
func KeyPair() (public, private *Source) {
	if os.Getenv("PUBLIC_KEYS_ARN") == "" {
		return nil, nil
	}
	return fromSecretsManager(os.Getenv("PUBLIC_KEYS_ARN")), fromSecretsManager(os.Getenv("PRIVATE_KEYS_ARN"))
}

func fromSecretsManager(arn string) *Source {
	client := sync.OnceValue(func() *secretsmanager.Client {
		return secretsmanager.NewFromConfig(awsenv.Config("SECRETS_MANAGER"))
	})
	return NewSource(func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		out, err := client().GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
		if err != nil {
			return "", err
		}
		return aws.ToString(out.SecretString), nil
	}, time.Now)
}

// Ring returns the secret, at most maxAge old while Secrets Manager answers. If it does not
// answer, the ring that was read before stays in use: it was good, and refusing everybody would
// help nobody.
func (s *Source) Ring(ctx context.Context) (Ring, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now().Sub(s.readAt) >= maxAge {
		s.reread(ctx)
	}
	if s.ring.versions == nil {
		return Ring{}, s.failed
	}
	return s.ring, nil
}

// RingWith returns a Ring that has that version, if there is one. If the known one lacks it, it
// reads the secret again, because the secret may have been rotated a moment ago. While the secret
// cannot be read, nobody knows whether it has the version, so that is an error.
func (s *Source) RingWith(ctx context.Context, version string) (Ring, error) {
	ring, err := s.Ring(ctx)
	if err != nil || ring.Has(version) {
		return ring, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now().Sub(s.forceAt) >= minForce { // invented versions must not become calls
		s.forceAt = s.now()
		s.reread(ctx)
	}
	if s.failed != nil && !s.ring.Has(version) {
		return Ring{}, s.failed
	}
	return s.ring, nil
}

// reread replaces the ring, or keeps it and remembers in failed why it could not.
func (s *Source) reread(ctx context.Context) {
	text, err := s.read(ctx)
	var ring Ring
	if err == nil {
		ring, err = ParseRing(text)
	}
	if err == nil {
		s.ring, s.readAt, s.failed = ring, s.now(), nil
		return
	}
	s.failed = fmt.Errorf("reading a secret: %w", err)
	if s.ring.versions != nil {
		s.readAt = s.now().Add(minForce - maxAge) // try again soon, not on every request
	}
}
