//go:build e2e

package aws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

type statement struct {
	Sid       string
	Condition struct {
		ArnLike map[string]string
	}
}

func TestRow13PolicyOfMoreThan20KBIsRefused(t *testing.T) {
	path := "/2015-03-31/functions/" + probe.SlowFunctionName + "/policy"
	var added []string
	t.Cleanup(func() {
		for _, id := range added {
			awsCall{"lambda", http.MethodDelete, path + "/" + id, ""}.is(t, 204)
		}
	})
	for i := range 100 { // of 300 bytes and more
		id := fmt.Sprintf("consumer-%d", i)
		body := fmt.Sprintf(`{"StatementId":"%s","Action":"lambda:InvokeFunction","Principal":"apigateway.amazonaws.com","SourceArn":"arn:aws:execute-api:us-east-1:000000000000:%s/*"}`,
			id, strings.Repeat("a", 100))
		a := awsCall{"lambda", http.MethodPost, path, body}.send(t)
		if a.status != 201 {
			a.is(t, 400).has(t, "X-Amzn-Errortype", "PolicyLengthExceededException")
			break
		}
		added = append(added, id)
	}
	if text, _ := policyOf(t, probe.SlowFunctionName); len(text) > 20480 || len(text) < 20000 {
		t.Errorf("after %d statements the policy has %d bytes", len(added), len(text))
	}
}

func TestConsumersOfAnAuthorizerAddNothingToItsPolicy(t *testing.T) {
	authorizers := 0
	for _, name := range functions(t) {
		if !strings.Contains(name, "-EdgeAuthorizerFunction-") && !strings.Contains(name, "-FunctionModeAuthorizerFunction-") {
			continue
		}
		authorizers++
		_, statements := policyOf(t, name)
		if len(statements) != 1 {
			t.Errorf("the policy of %s has %d statements: %v", name, len(statements), statements)
		}
	}
	if authorizers != 2 {
		t.Errorf("there are %d authorizers", authorizers)
	}
}

// policyOf is a function's resource policy, as text without blanks and read.
func policyOf(t testing.TB, function string) (text string, statements []statement) {
	t.Helper()
	a := awsCall{"lambda", http.MethodGet, "/2015-03-31/functions/" + function + "/policy", ""}.is(t, 200)
	var outer struct{ Policy string }
	var policy struct{ Statement []statement }
	if err := json.Unmarshal([]byte(a.body), &outer); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(outer.Policy), &policy); err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(outer.Policy)); err != nil {
		t.Fatal(err)
	}
	return compact.String(), policy.Statement
}

// functions are the names of all, of all stacks.
func functions(t testing.TB) (names []string) {
	t.Helper()
	var list struct {
		Functions []struct{ FunctionName string }
	}
	a := awsCall{"lambda", http.MethodGet, "/2015-03-31/functions/?MaxItems=1000", ""}.is(t, 200)
	if err := json.Unmarshal([]byte(a.body), &list); err != nil {
		t.Fatal(err)
	}
	for _, f := range list.Functions {
		names = append(names, f.FunctionName)
	}
	return names
}
