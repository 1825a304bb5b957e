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
	if s.now().Sub(s.readAt) < maxAge {
		return s.ring, nil
	}
	return s.reread(ctx)
}

// RingWith returns a Ring that has that version. If the known one lacks it, it reads the secret
// again, because the secret may have been rotated a moment ago.
func (s *Source) RingWith(ctx context.Context, version string) (Ring, error) {
	ring, err := s.Ring(ctx)
	if err != nil {
		return Ring{}, err
	}
	if _, ok := ring.Version(version); ok {
		return ring, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now().Sub(s.forceAt) < minForce {
		return s.ring, nil // invented versions must not become calls
	}
	s.forceAt = s.now()
	return s.reread(ctx)
}

func (s *Source) reread(ctx context.Context) (Ring, error) {
	text, err := s.read(ctx)
	if err == nil {
		var ring Ring
		if ring, err = ParseRing(text); err == nil {
			s.ring, s.readAt = ring, s.now()
			return ring, nil
		}
	}
	if s.ring.versions != nil {
		s.readAt = s.now().Add(minForce - maxAge) // try again soon, not on every request
		return s.ring, nil
	}
	return Ring{}, fmt.Errorf("reading a secret: %w", err)
}
