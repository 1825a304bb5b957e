//go:build e2e

// Package e2e is the black-box suite: it knows a deployment by its URL and an
// administrator's login, and holds it to what the documents promise. Where a promise is about what lies
// behind the API (the table, the secret that signs tokens, the functions' log), its test
// says what it needs: needs_test.go.
//
//	client_test.go    a request, an answer, and what every refusal must look like
//	wire_test.go      the one HTTP client, which keeps every secret that it carries
//	people_test.go    users, sessions and keys to try things with
//	behind_test.go    table, secret, log
//	template_test.go  the routes as deployed
//	journal_test.go   what a run has made, so that it can be removed
//
// A login costs one of the few requests that an address has in a minute: people are
// made only where a test must be alone with its lists.
package e2e

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"
)

var (
	apiURL string
	// The operator is the administrator whose login the suite was given: it makes another,
	// and leaves the operator's own keys and projects alone.
	operatorEmail, operatorPassword string
	// The users of a run are named after it.
	runName = cmp.Or(os.Getenv("LATCHKEY_RUN"), strings.ToLower(rand.Text()[:8]))
)

func TestMain(m *testing.M) {
	var missing []string
	for name, variable := range map[string]*string{"API_URL": &apiURL, "ADMIN_EMAIL": &operatorEmail, "ADMIN_PASSWORD": &operatorPassword} {
		if *variable = os.Getenv(name); *variable == "" {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		fmt.Fprintf(os.Stderr, "no %s: run this suite with `make test`, or with `make verify`\n", strings.Join(missing, ", "))
		os.Exit(1)
	}
	if os.Getenv("LATCHKEY_CLEAN_UP") != "" {
		os.Exit(cleanUp())
	}
	code := m.Run()
	fmt.Printf("sent %d requests\n", sent.Load())
	os.Exit(code)
}
