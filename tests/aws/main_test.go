//go:build e2e

// Package aws holds the local emulator to what AWS does where emulators are kinder: a
// test for each row of docs/aws.md, named by it. The emulator's strictness in a row can
// be switched off; local/aws_rows.py does so, and fails a test that then still passes.
//
// The tests talk to a stack of their own (template.yaml), whose function and authorizer
// (probe/) do what the request tells them.
package aws

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// probe is what the outputs of template.yaml say, and the URL of Api with its stage.
var probe struct {
	URL, APIID, StageName, TwoStagesAPIID              string
	FunctionName, SlowFunctionName, WarnedFunctionName string
	ThrottledFunctionName, ThrottledAuthorizerName     string
	HTTPPolicyID, HTTPSimpleID                         string
	LatchkeysAuthorizer                                string // its ARN
	TableName, SecretARN, OtherSecretARN               string
	SubscriberName, WatchedGroupName                   string
}

func TestMain(m *testing.M) {
	var missing []string
	read := func(name string) string {
		value := os.Getenv(name)
		if value == "" {
			missing = append(missing, name)
		}
		return value
	}
	outputs := read("PROBE")
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "API_URL", "ADMIN_EMAIL", "ADMIN_PASSWORD"} {
		read(name)
	}
	if missing != nil {
		fmt.Fprintf(os.Stderr, "no %s: run this suite with `make test`, or with `make aws-rows` after `make start`\n", strings.Join(missing, ", "))
		os.Exit(1)
	}
	if err := json.Unmarshal([]byte(outputs), &probe); err != nil {
		fmt.Fprintln(os.Stderr, "PROBE:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
