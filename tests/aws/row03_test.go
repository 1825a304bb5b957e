//go:build e2e

package aws

import (
	"net/http"
	"testing"
)

const internalError = `{"message": "Internal server error"}` // the space is API Gateway's, in this type of answer

func TestRow03CrashOfAFunctionIsABadGateway(t *testing.T) {
	for _, way := range []string{"exit", "panic", "fail"} {
		t.Run(way, func(t *testing.T) {
			send(t, get("/open").told(map[string]any{"do": way, "error": "as told"})).is(t, 502).says(t, internalError)
		})
	}
}

func TestRow03FunctionOutOfTimeIsABadGateway(t *testing.T) {
	send(t, get("/open").told(map[string]any{"do": "sleep", "millis": 10000})).is(t, 502).says(t, internalError)
}

func TestRow03WhatIsNoProxyResponseIsABadGateway(t *testing.T) {
	for name, value := range map[string]any{
		"text": "hello", "list": []int{1}, "other member": map[string]any{"statusCode": 200, "status": "ok"},
		"number as header": map[string]any{"headers": map[string]any{"X-N": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			send(t, get("/open").told(map[string]any{"do": "answer", "answer": value})).is(t, 502).says(t, internalError)
		})
	}
}

func TestRow03ThrottledFunctionIsAnInternalError(t *testing.T) {
	throttle(t, probe.ThrottledFunctionName)
	send(t, get("/throttled")).is(t, 500).says(t, `{"message":"Internal server error"}`)
}

// throttle leaves no concurrency to a function.
func throttle(t testing.TB, function string) {
	t.Helper()
	awsCall{"lambda", http.MethodPut, "/2017-10-31/functions/" + function + "/concurrency", `{"ReservedConcurrentExecutions": 0}`}.is(t, 200)
}

func TestRow03FunctionSlowerThanTheIntegrationTimesOut(t *testing.T) {
	// The method waits for one second instead of the 29 that are the rule.
	send(t, get("/slow").told(map[string]any{"do": "sleep", "millis": 2000})).is(t, 504).says(t, `{"message":"Endpoint request timed out"}`)
}
