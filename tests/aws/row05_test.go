//go:build e2e

package aws

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestRow05ChangedParameterIsNotInForceUntilSomethingDeploysIt(t *testing.T) {
	s := stack("deployed-or-not-" + strconv.FormatInt(time.Now().UnixNano(), 36))
	t.Cleanup(func() { s.call(t, "DeleteStack", nil) })
	api := s.deploy(t, "CreateStack", "before", false)
	s.words(t, api, "before")
	if again := s.deploy(t, "UpdateStack", "after", false); again != api {
		t.Fatalf("an update made another API, %s in the place of %s", again, api)
	}
	s.words(t, api, "before")
	s.deploy(t, "UpdateStack", "after", true)
	s.words(t, api, "after")
}

// A stack holds an API whose one refusal says a word, a parameter of the template.
type stack string

// deploy waits until the stack is as asked, and returns the API's id.
func (s stack) deploy(t testing.TB, action, word string, always bool) string {
	t.Helper()
	form := url.Values{
		"TemplateBody":          {templateOfAWord(always)},
		"Capabilities.member.1": {"CAPABILITY_AUTO_EXPAND"}, "Capabilities.member.2": {"CAPABILITY_IAM"},
		"Parameters.member.1.ParameterKey": {"Word"}, "Parameters.member.1.ParameterValue": {word},
	}
	s.call(t, action, form)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		var described struct {
			Status string `xml:"DescribeStacksResult>Stacks>member>StackStatus"`
			API    string `xml:"DescribeStacksResult>Stacks>member>Outputs>member>OutputValue"`
		}
		if err := xml.Unmarshal([]byte(s.call(t, "DescribeStacks", nil).body), &described); err != nil {
			t.Fatal(err)
		}
		switch described.Status {
		case "CREATE_COMPLETE", "UPDATE_COMPLETE":
			return described.API
		case "CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "REVIEW_IN_PROGRESS":
		default:
			t.Fatalf("%s %s: %s", action, s, described.Status)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s %s: still %s", action, s, described.Status)
		}
	}
}

func (s stack) call(t testing.TB, action string, form url.Values) answer {
	t.Helper()
	body := url.Values{"Version": {"2010-05-15"}, "StackName": {string(s)}}
	for name, values := range form {
		body[name] = values
	}
	return awsCall{"cloudformation", http.MethodPost, "/", "Action=" + action + "&" + body.Encode()}.is(t, 200)
}

// words checks what the API's refusal of an unknown path says.
func (s stack) words(t testing.TB, api, want string) {
	t.Helper()
	send(t, request{method: http.MethodGet, url: os.Getenv("AWS_ENDPOINT_URL") + "/_aws/execute-api/" + api + "/only/nowhere"}).is(t, 403).has(t, "X-Word", want)
}

func templateOfAWord(always bool) string {
	return `{
  "AWSTemplateFormatVersion": "2010-09-09", "Transform": "AWS::Serverless-2016-10-31",
  "Parameters": {"Word": {"Type": "String"}},
  "Resources": {"Api": {"Type": "AWS::Serverless::Api", "Properties": {
    "StageName": "only", "OpenApiVersion": "3.0.1", "AlwaysDeploy": ` + strconv.FormatBool(always) + `,
    "DefinitionBody": {"openapi": "3.0.1", "info": {"title": "word", "version": "1"}, "paths": {"/": {"get": {
      "x-amazon-apigateway-integration": {"type": "mock"}}}}},
    "GatewayResponses": {"MISSING_AUTHENTICATION_TOKEN": {"StatusCode": 403, "ResponseParameters": {"Headers": {
      "X-Word": {"Fn::Sub": "'${Word}'"}}}}}}}},
  "Outputs": {"ApiId": {"Value": {"Ref": "Api"}}}
}`
}
