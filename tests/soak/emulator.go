package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey/latchkey/tests/invoke"
)

// An emulator is the local stack's (local/ministack_server.py), and its controls (local/strict/control.py).
type emulator struct {
	url     string
	process string // its id
	aws     aws.Config
}

// settings are those of the proxy before the table (tests/strictdynamo).
type settings map[string]any

// newEmulator finds the emulator's process by the file beside its functions' log.
func newEmulator(cfg aws.Config, url, log string) (*emulator, error) {
	text, err := os.ReadFile(filepath.Join(filepath.Dir(log), "ministack.pid")) //nolint:gosec // the path is ours
	return &emulator{url, strings.TrimSpace(string(text)), cfg}, err
}

func (e *emulator) set(ctx context.Context, s settings) error {
	return e.control(ctx, "dynamodb", s)
}

func (e *emulator) failSecrets(ctx context.Context, failing bool) error {
	return e.control(ctx, "secrets", map[string]bool{"failing": failing})
}

// usualConcurrency is the account's where nobody makes trouble (local/stack.py).
const usualConcurrency = 1000

func (e *emulator) concurrency(ctx context.Context, limit int) error {
	return e.control(ctx, "concurrency", map[string]int{"limit": limit})
}

// killIdle ends all processes that wait for a request.
func (e *emulator) killIdle(ctx context.Context, sigterm bool) error {
	return e.control(ctx, "kill", map[string]bool{"sigterm": sigterm})
}

func (e *emulator) control(ctx context.Context, what string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url+"/_latchkey/"+what, bytes.NewReader(text))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req) //nolint:gosec // the emulator's own address
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d %s", what, res.StatusCode, answer)
	}
	return err
}

// processes are those of functions: the emulator's children.
func (e *emulator) processes() (found []int) {
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range all {
		status, _ := os.ReadFile(path + "/status")       //nolint:gosec // of a process, if it still runs
		environment, _ := os.ReadFile(path + "/environ") //nolint:gosec // likewise
		if bytes.Contains(status, []byte("\nPPid:\t"+e.process+"\n")) && bytes.Contains(environment, []byte("AWS_LAMBDA_FUNCTION_NAME=")) {
			if pid, err := strconv.Atoi(filepath.Base(path)); err == nil {
				found = append(found, pid)
			}
		}
	}
	return found
}

func (e *emulator) kill(process int) {
	_ = syscall.Kill(process, syscall.SIGKILL) // it may have ended by itself
}

// rotate does what Secrets Manager does at a rotation: the four steps, with one token.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
func (e *emulator) rotate(ctx context.Context, function, secret string) error {
	arn, err := e.secret(ctx, secret)
	if err != nil {
		return err
	}
	token := strings.ToLower(rand.Text() + rand.Text())[:36]
	for _, step := range []string{"createSecret", "setSecret", "testSecret", "finishSecret"} {
		event := map[string]string{"Step": step, "SecretId": arn, "ClientRequestToken": token}
		answer, failed, err := invoke.Function(ctx, e.aws, function, event)
		if err == nil && failed {
			err = errors.New(string(answer))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	return nil
}
