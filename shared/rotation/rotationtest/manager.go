// Package rotationtest gives a test a secret that functions rotate, and goes through the steps as
// Secrets Manager does.
package rotationtest

import (
	"context"
	"crypto/rand"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/latchkey/latchkey/shared/rotation"
)

// ARN names the secret.
const ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:test"

// A Manager keeps the versions of one secret, with the rules of Secrets Manager's API reference
// for the calls of a rotation.
type Manager struct {
	texts  map[string]string   // by version
	stages map[string][]string // by version
}

// New is a Manager whose secret has that text.
func New(text string) *Manager {
	return &Manager{map[string]string{"first": text}, map[string][]string{"first": {"AWSCURRENT"}}}
}

// Empty is a Manager whose secret has no version yet.
func Empty() *Manager { return &Manager{map[string]string{}, map[string][]string{}} }

func (m *Manager) at(stage string) string {
	for version, stages := range m.stages {
		if slices.Contains(stages, stage) {
			return version
		}
	}
	return ""
}

// Text is the text in use.
func (m *Manager) Text(context.Context) (string, error) { return m.texts[m.at("AWSCURRENT")], nil }

// Edit replaces the text in use, as an operator does.
func (m *Manager) Edit(text string) { m.texts[m.at("AWSCURRENT")] = text }

// GetSecretValue returns the version that has the stage, and the id if one is given.
func (m *Manager) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	version := m.at(*in.VersionStage)
	if version == "" || in.VersionId != nil && *in.VersionId != version {
		return nil, &types.ResourceNotFoundException{}
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(m.texts[version]), VersionId: &version}, nil
}

// PutSecretValue makes a version; the same again changes nothing, another text is refused.
func (m *Manager) PutSecretValue(_ context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	version := *in.ClientRequestToken
	if text, ok := m.texts[version]; ok && text != *in.SecretString {
		return nil, &types.ResourceExistsException{}
	}
	m.texts[version] = *in.SecretString
	for _, stage := range in.VersionStages {
		m.move(stage, version)
	}
	return &secretsmanager.PutSecretValueOutput{}, nil
}

// UpdateSecretVersionStage moves a stage from the version that has it.
func (m *Manager) UpdateSecretVersionStage(_ context.Context, in *secretsmanager.UpdateSecretVersionStageInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error) {
	if aws.ToString(in.RemoveFromVersionId) != m.at(*in.VersionStage) {
		return nil, &types.InvalidParameterException{}
	}
	m.move(*in.VersionStage, *in.MoveToVersionId)
	return &secretsmanager.UpdateSecretVersionStageOutput{}, nil
}

func (m *Manager) move(stage, version string) {
	for of := range m.stages {
		m.stages[of] = slices.DeleteFunc(m.stages[of], func(s string) bool { return s == stage })
	}
	m.stages[version] = append(m.stages[version], stage)
}

// Steps are those of a rotation, in order.
var Steps = []string{"createSecret", "setSecret", "testSecret", "finishSecret"}

// Rotate takes all steps, each of them twice: Secrets Manager repeats what it got no answer to.
func Rotate(t testing.TB, step func(context.Context, rotation.Request) error) {
	t.Helper()
	token := rand.Text()
	for _, name := range Steps {
		for range 2 {
			if err := step(t.Context(), rotation.Request{Step: name, SecretID: ARN, Token: token}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}
