//go:build e2e

package aws

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// A stack of CloudFormation, by its name.
type stack string

type described struct {
	status     string
	outputs    map[string]string
	parameters map[string]string
}

// deploy calls CreateStack or UpdateStack and waits until it is done.
func (s stack) deploy(t testing.TB, action string, form url.Values) described {
	t.Helper()
	maps.Copy(form, url.Values{
		"Capabilities.member.1": {"CAPABILITY_AUTO_EXPAND"}, "Capabilities.member.2": {"CAPABILITY_IAM"},
	})
	s.call(t, action, form)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		now := s.describe(t)
		switch now.status {
		case "CREATE_COMPLETE", "UPDATE_COMPLETE":
			return now
		case "CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "REVIEW_IN_PROGRESS":
		default:
			t.Fatalf("%s %s: %s", action, s, now.status)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s %s: still %s", action, s, now.status)
		}
	}
}

// set changes one parameter of the stack, and nothing else, until the test is over.
func (s stack) set(t testing.TB, parameter, value string) {
	t.Helper()
	before := s.describe(t).parameters
	if before[parameter] == value { // as a run left it that was ended
		return
	}
	change := func(to string) {
		form, i := url.Values{"UsePreviousTemplate": {"true"}}, 0
		for name := range before {
			i++
			member := fmt.Sprintf("Parameters.member.%d.", i)
			form.Set(member+"ParameterKey", name)
			if name == parameter {
				form.Set(member+"ParameterValue", to)
			} else {
				form.Set(member+"UsePreviousValue", "true")
			}
		}
		s.deploy(t, "UpdateStack", form)
	}
	t.Cleanup(func() { change(before[parameter]) })
	change(value)
}

func (s stack) describe(t testing.TB) described {
	t.Helper()
	var read struct {
		Status  string `xml:"DescribeStacksResult>Stacks>member>StackStatus"`
		Outputs []struct {
			OutputKey, OutputValue string
		} `xml:"DescribeStacksResult>Stacks>member>Outputs>member"`
		Parameters []struct {
			ParameterKey, ParameterValue string
		} `xml:"DescribeStacksResult>Stacks>member>Parameters>member"`
	}
	if err := xml.Unmarshal([]byte(s.call(t, "DescribeStacks", nil).body), &read); err != nil {
		t.Fatal(err)
	}
	now := described{status: read.Status, outputs: map[string]string{}, parameters: map[string]string{}}
	for _, output := range read.Outputs {
		now.outputs[output.OutputKey] = output.OutputValue
	}
	for _, parameter := range read.Parameters {
		now.parameters[parameter.ParameterKey] = parameter.ParameterValue
	}
	return now
}

func (s stack) call(t testing.TB, action string, form url.Values) answer {
	t.Helper()
	body := url.Values{"Version": {"2010-05-15"}, "StackName": {string(s)}}
	maps.Copy(body, form)
	return awsCall{"cloudformation", http.MethodPost, "/", "Action=" + action + "&" + body.Encode()}.is(t, 200)
}
