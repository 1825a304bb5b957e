package rotation_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/latchkey/latchkey/shared/rotation"
	"github.com/latchkey/latchkey/shared/rotation/rotationtest"
	"github.com/latchkey/latchkey/shared/secret"
)

// mortal is Secrets Manager for a process that is killed after some calls: it makes no other.
type mortal struct {
	*rotationtest.Manager
	left int
	cut  *bool
}

func (m *mortal) call() error {
	if m.left == 0 {
		*m.cut = true
		return errors.New("the process was killed")
	}
	m.left--
	return nil
}

func (m *mortal) GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, o ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	if err := m.call(); err != nil {
		return nil, err
	}
	return m.Manager.GetSecretValue(ctx, in, o...)
}

func (m *mortal) PutSecretValue(ctx context.Context, in *secretsmanager.PutSecretValueInput, o ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	if err := m.call(); err != nil {
		return nil, err
	}
	return m.Manager.PutSecretValue(ctx, in, o...)
}

func (m *mortal) UpdateSecretVersionStage(ctx context.Context, in *secretsmanager.UpdateSecretVersionStageInput, o ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error) {
	if err := m.call(); err != nil {
		return nil, err
	}
	return m.Manager.UpdateSecretVersionStage(ctx, in, o...)
}

func TestRotationWhoseProcessIsKilledInEachStepIsRepeatedAndDoneOnce(t *testing.T) {
	first := `{"current":"1","1":"` + one + `"}`
	for calls, cut := 0, true; cut; calls++ {
		cut = false
		m := rotationtest.New(first)
		for _, name := range rotationtest.Steps {
			in := rotation.Request{Step: name, SecretID: rotationtest.ARN, Token: strings.Repeat("t", 32)}
			_ = rotation.New(&mortal{m, calls, &cut}, rotationtest.ARN, keepAll).Serve(t.Context(), in)
			if err := rotation.New(m, rotationtest.ARN, keepAll).Serve(t.Context(), in); err != nil {
				t.Fatalf("killed after %d calls, %s is repeated: %v", calls, name, err)
			}
		}
		ring, err := secret.ParseRing(text(t, m))
		if err != nil {
			t.Fatal(err)
		}
		if got := ring.Versions(); len(got) != 2 || !ring.Has("1") {
			t.Errorf("killed after %d calls, the secret has the versions %v", calls, got)
		}
	}
}
