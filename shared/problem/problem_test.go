package problem_test

import (
	"encoding/json"
	"testing"

	"github.com/latchkey/latchkey/shared/problem"
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
		ok, there := body["ok"]
		if there != (row.error != nil) || there && ok != false {
			t.Errorf("%s of %q: ok is %v", row.problem.Code, row.resource, ok)
		}
		if body["error"] != row.error {
			t.Errorf("%s of %q: error is %v, want %v", row.problem.Code, row.resource, body["error"], row.error)
		}
		if body["error_code"] != row.problem.Code || body["request_id"] != "an id" {
			t.Errorf("%s of %q: the body is %v", row.problem.Code, row.resource, body)
		}
	}
}
