package rotation_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/rotation"
	"github.com/latchkey/latchkey/shared/rotation/rotationtest"
	"github.com/latchkey/latchkey/shared/secret"
)

var one = strings.Repeat("1", 32)

func text(t *testing.T, m *rotationtest.Manager) string {
	t.Helper()
	text, err := m.Text(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func keepAll(_ context.Context, ring secret.Ring) (secret.Ring, error) {
	return ring.Rotate(time.Now(), func(string, time.Time) bool { return true })
}

func TestRotationReplacesTheSecretAtItsLastStep(t *testing.T) {
	m := rotationtest.New(`{"current":"1","1":"` + one + `"}`)
	before := text(t, m)
	r := rotation.New(m, rotationtest.ARN, keepAll)
	rotationtest.Rotate(t, func(ctx context.Context, in rotation.Request) error {
		if now := text(t, m); in.Step != "finishSecret" && now != before {
			t.Errorf("the secret changed before %s", in.Step)
		}
		return r.Serve(ctx, in)
	})
	ring, err := secret.ParseRing(text(t, m))
	if err != nil {
		t.Fatal(err)
	}
	if got := ring.Versions(); len(got) != 2 {
		t.Errorf("the secret has the versions %v", got)
	}
}

func TestSecretThatWasChangedMeanwhileIsNotOverwritten(t *testing.T) {
	m := rotationtest.New(`{"current":"1","1":"` + one + `"}`)
	r := rotation.New(m, rotationtest.ARN, keepAll)
	step := func(name string) error {
		return r.Serve(t.Context(), rotation.Request{Step: name, SecretID: rotationtest.ARN, Token: "new"})
	}
	if err := step("createSecret"); err != nil {
		t.Fatal(err)
	}
	m.Edit(`{"current":"hand","hand":"` + strings.Repeat("h", 32) + `"}`)
	if err := step("testSecret"); err == nil {
		t.Error("the test passed a ring without the version that is in use")
	}
}

func TestRequestForAnotherSecretOrStepIsRefused(t *testing.T) {
	m := rotationtest.New(`{"current":"1","1":"` + one + `"}`)
	r := rotation.New(m, rotationtest.ARN, keepAll)
	for name, in := range map[string]rotation.Request{
		"another secret":  {Step: "createSecret", SecretID: rotationtest.ARN + "2", Token: "new"},
		"no token":        {Step: "createSecret", SecretID: rotationtest.ARN},
		"unknown step":    {Step: "dropSecret", SecretID: rotationtest.ARN, Token: "new"},
		"test of nothing": {Step: "testSecret", SecretID: rotationtest.ARN, Token: "new"},
		"end of nothing":  {Step: "finishSecret", SecretID: rotationtest.ARN, Token: "new"},
	} {
		if err := r.Serve(t.Context(), in); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNoRingNoRotation(t *testing.T) {
	m := rotationtest.New(`{"current":"1","1":"` + one + `"}`)
	broken := errors.New("the table does not answer")
	r := rotation.New(m, rotationtest.ARN, func(context.Context, secret.Ring) (secret.Ring, error) { return secret.Ring{}, broken })
	err := r.Serve(t.Context(), rotation.Request{Step: "createSecret", SecretID: rotationtest.ARN, Token: "new"})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if err := r.Serve(t.Context(), rotation.Request{Step: "finishSecret", SecretID: rotationtest.ARN, Token: "new"}); err == nil {
		t.Error("it finished a rotation that was not begun")
	}
}
