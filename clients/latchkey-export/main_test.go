package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestEachLineIsARecordAndTheEndIsSaid(t *testing.T) {
	cfg, table := storetest.Table(t)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", aws.ToString(cfg.BaseEndpoint))
	if err := store.New(cfg, table).CreateUser(t.Context(), user.New("ada@example.com", user.Admin, time.Now()), "hash-of-a-password", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	var out, notes bytes.Buffer
	expect.Same(t, "the exit code", run(t.Context(), []string{"--table", table}, &out, &notes), 0)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	expect.Same(t, "what is said", notes.String(), "3 lines\n") // the user, the entry in their log, and the first project
	expect.Same(t, "the number of lines", len(lines), 3)
	kinds := map[string]bool{}
	for _, line := range lines {
		var r struct{ Kind string }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Errorf("%q is no JSON: %v", line, err)
		}
		kinds[r.Kind] = true
	}
	if !kinds["user"] || !kinds["project"] || !kinds["entry"] {
		t.Errorf("the kinds are %v, want user, project and entry", kinds)
	}
}

func TestTableThatCannotBeReadIsAFailureAndNoEmptyExport(t *testing.T) {
	cfg, _ := storetest.Table(t)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", aws.ToString(cfg.BaseEndpoint))
	var out, notes bytes.Buffer
	expect.Same(t, "the exit code", run(t.Context(), []string{"--table", "no-such-table"}, &out, &notes), 1)
	expect.Same(t, "what is written", out.String(), "")
	expect.Same(t, "the exit code without a table", run(t.Context(), nil, &out, &notes), 2)
}
