//go:build e2e

package aws

import "testing"

const noMessage = `{"message":null}`

func TestRow02AuthorizerThatFailsIsAnInternalErrorAndNoRefusal(t *testing.T) {
	send(t, get("/guarded").judged(map[string]any{"do": "fail", "error": "Unauthorized"})).is(t, 401)
	for name, o := range map[string]map[string]any{
		"exits": {"do": "exit"}, "panics": {"do": "panic"}, "other error": {"do": "fail", "error": "unauthorised, I say"},
		"out of time": {"do": "sleep", "millis": 10000},
	} {
		t.Run(name, func(t *testing.T) {
			send(t, get("/guarded").judged(o)).is(t, 500).says(t, noMessage)
		})
	}
}

func TestRow02AuthorizerThatIsThrottledIsAnInternalError(t *testing.T) {
	throttle(t, probe.ThrottledAuthorizerName)
	send(t, get("/unjudged")).is(t, 500).says(t, noMessage)
}

func TestRow02AnswerThatIsNoPolicyIsAnInternalError(t *testing.T) {
	allow := map[string]any{"Version": "2012-10-17", "Statement": []any{
		map[string]any{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}}}
	send(t, get("/guarded").judged(map[string]any{"do": "answer", "answer": map[string]any{"policyDocument": allow}})).is(t, 200)
	for name, policy := range map[string]any{
		"text": "yes", "without a policy": map[string]any{"principalId": "p"},
		"a list in its context": map[string]any{"policyDocument": allow, "context": map[string]any{"scopes": []string{"read:x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			send(t, get("/guarded").judged(map[string]any{"do": "answer", "answer": policy})).is(t, 500)
		})
	}
}
