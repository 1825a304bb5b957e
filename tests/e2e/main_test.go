//go:build e2e

// Package e2e is the black-box suite: it knows a deployment by its URL, and holds it to
// the contract. It looks behind the API only where a promise is about what lies there:
// the table, the secret that signs tokens, the functions' log and template.yaml.
//
//	client_test.go    a request, an answer, and what every refusal must look like
//	wire_test.go      the one HTTP client, which keeps every secret that it carries
//	people_test.go    users, sessions and keys to try things with
//	behind_test.go    table, secret, log
//	template_test.go  the routes as deployed
//
// A login costs one of the few requests that an address has in a minute: people are
// made only where a test must be alone with its lists.
package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

var apiURL, adminEmail, adminPassword, tableName, logFile string

func TestMain(m *testing.M) {
	var missing []string
	read := func(name string) string {
		value := os.Getenv(name)
		if value == "" {
			missing = append(missing, name)
		}
		return value
	}
	apiURL, adminEmail, adminPassword = read("API_URL"), read("ADMIN_EMAIL"), read("ADMIN_PASSWORD")
	tableName, logFile = read("TABLE_NAME"), read("LATCHKEY_LOG_FILE")
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		read(name)
	}
	if missing != nil {
		fmt.Fprintf(os.Stderr, "no %s: run this suite with `make test`, or with `make e2e` after `make start`\n", strings.Join(missing, ", "))
		os.Exit(1)
	}
	os.Exit(m.Run())
}
