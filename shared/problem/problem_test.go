package problem_test

import (
	"encoding/json"
	"testing"

	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestErrorsUnderV1SayNotOKAndWhy(t *testing.T) {
	for _, row := range []struct {
		problem  *problem.Problem
		resource string
		error    any // nil: neither ok nor error is there
	}{
		{problem.NotFound, "/v1/runs/{id}", "There is no such resource"},
		{problem.InvalidJSON.WithDetail("The body is empty"), "/v1/projects", "The body is empty"},
		{problem.Unavailable, "/v1/runs", "Service Unavailable"},
		{problem.NotFound, "/api/v1/auth/api-keys/{id}", nil},
		{problem.NotFound, "/v1", nil},
		{problem.NotFound, "", nil},
	} {
		var body map[string]any
		if err := json.Unmarshal(row.problem.Body("an id", row.resource), &body); err != nil {
			t.Fatal(err)
		}
		what := row.problem.Code + " of " + row.resource + ": "
		ok, there := body["ok"]
		expect.Same(t, what+"that ok is there", there, row.error != nil)
		if there {
			expect.Same[any](t, what+"ok", ok, false)
		}
		expect.Same(t, what+"error", body["error"], row.error)
		expect.Same[any](t, what+"error_code", body["error_code"], row.problem.Code)
		expect.Same[any](t, what+"request_id", body["request_id"], "an id")
	}
}
