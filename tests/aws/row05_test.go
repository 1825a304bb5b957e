//go:build e2e

package aws

import (
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
	api := s.deployWord(t, "CreateStack", "before", false)
	s.words(t, api, "before")
	if again := s.deployWord(t, "UpdateStack", "after", false); again != api {
		t.Fatalf("an update made another API, %s in the place of %s", again, api)
	}
	s.words(t, api, "before")
	s.deployWord(t, "UpdateStack", "after", true)
	s.words(t, api, "after")
}

// deployWord deploys an API whose one refusal says a word, and returns the API's id.
func (s stack) deployWord(t testing.TB, action, word string, always bool) string {
	t.Helper()
	return s.deploy(t, action, url.Values{
		"TemplateBody":                     {templateOfAWord(always)},
		"Parameters.member.1.ParameterKey": {"Word"}, "Parameters.member.1.ParameterValue": {word},
	}).outputs["ApiId"]
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
