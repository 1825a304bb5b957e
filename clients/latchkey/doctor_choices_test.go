//go:build e2e

package main_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/clients/latchkey/checkup"
)

// chosen is a parameter of the stack, which local/own_choices.py deploys with what an operator may choose:
// a KMS key, a topic for the alarms, pages of other origins.
func chosen(t *testing.T, name string) string {
	t.Helper()
	for _, pair := range strings.Fields(os.Getenv("LATCHKEY_PARAMETERS")) {
		if value, found := strings.CutPrefix(pair, name+"="); found {
			return value
		}
	}
	t.Fatalf("the stack was deployed without %s: local/own_choices.py runs this", name)
	return ""
}

// finding returns what the doctor finds in one check, or fails.
func finding(t *testing.T, check, what string, severity checkup.Severity) checkup.Finding {
	t.Helper()
	r := examine(t, 8, nil)
	at := slices.IndexFunc(r.Findings, func(f checkup.Finding) bool { return f.Check == check && strings.Contains(f.What, what) })
	if at < 0 || r.Findings[at].Severity != severity {
		t.Fatalf("it does not find, as %s, %s: %s; it finds %+v", severity, check, what, r.Findings)
	}
	return r.Findings[at]
}

func TestDoctorOfChoicesFindsEachFaultAndWhatItPrintsMendsIt(t *testing.T) {
	of := resources(t)
	key, topic, preflight := chosen(t, "KmsKeyArn"), chosen(t, "AlarmTopicArn"), of("CorsPreflightFunction")
	t.Cleanup(func() { awsCommands(t, "aws sns create-topic --name "+topic[strings.LastIndex(topic, ":")+1:]) })

	for _, f := range without(examine(t, 8, nil)) { // the emulator makes a table that is not under the key
		if f.Check == "table" {
			awsCommands(t, f.Command)
		}
	}
	finding(t, "parameters", "AllowedOrigins has http://shop.example.com, which is not encrypted", checkup.Risk)
	unheard := finding(t, "alarms", "nobody has subscribed to the topic", checkup.Risk)
	_, subscribe, _ := strings.Cut(unheard.Do, "who then confirms it: ")
	awsCommands(t, strings.Replace(subscribe, "ADDRESS", "operator@example.com", 1))
	awsCommands(t, "aws kms disable-key --key-id "+key,
		"aws lambda update-function-configuration --function-name "+preflight+" --environment 'Variables={ALLOWED_ORIGINS=https://other.example.com}'")
	disabled := finding(t, "KMS key", "is disabled", checkup.Broken)
	finding(t, "pages of other origins", "https://app.example.com is not allowed to call the API", checkup.Broken)
	settings := finding(t, "settings of functions", "CorsPreflightFunction has other settings", checkup.Broken)
	awsCommands(t, disabled.Command, settings.Command, "aws kms schedule-key-deletion --key-id "+key)
	doomed := finding(t, "KMS key", "is about to be deleted", checkup.Broken)
	awsCommands(t, doomed.Command)

	for _, f := range without(examine(t, 8, nil)) { // the choice of an unencrypted origin remains
		if f.Check != "parameters" {
			t.Errorf("after that it still finds %+v", f)
		}
	}
	awsCommands(t, "aws sns delete-topic --topic-arn "+topic)
	finding(t, "alarms", "the topic of the alarms does not exist", checkup.Risk)
}
