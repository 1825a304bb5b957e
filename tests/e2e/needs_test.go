//go:build e2e

package e2e

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What a test may need besides the URL and a login. LATCHKEY_HAS names those that can be
// reached here, with commas between them.
const (
	theTable   = "table"   // TABLE_NAME, and credentials for DynamoDB
	theSecret  = "secret"  // credentials for Secrets Manager
	theLog     = "log"     // LATCHKEY_LOG_FILE
	theLambda  = "lambda"  // AWS_ENDPOINT_URL, which takes unsigned calls
	theExample = "example" // EXAMPLE_API_URL
)

var there = strings.Split(os.Getenv("LATCHKEY_HAS"), ",")

func reaches(what string) bool { return slices.Contains(there, what) }

// needs ends a test that cannot be made here. `make verify` reports it as not checkable,
// with this reason; `make test` counts it as failed.
func needs(t testing.TB, what string) {
	t.Helper()
	if !reaches(what) {
		t.Skipf("not checkable here: it needs the %s", what)
	}
}

// The lifetimes that the deployment was given, in seconds.
var (
	sessionLifetime = number("SessionLifetime", 7*24*3600)
	accessLifetime  = number("AccessTokenLifetime", 3600)
	refreshLifetime = number("RefreshTokenLifetime", 30*24*3600)
	longestGrace    = number("MaxGraceSeconds", 7*24*3600)
)

func number(name string, otherwise int) int {
	n, err := strconv.Atoi(parameter(name, strconv.Itoa(otherwise)))
	if err != nil {
		panic("LATCHKEY_PARAMETERS: " + err.Error())
	}
	return n
}

// parameter is what the deployment was given for a parameter of template.yaml, as
// LATCHKEY_PARAMETERS says ("SessionLifetime=60 AllowedOrigins=https://app.example.com"),
// or else the parameter's default.
func parameter(name, otherwise string) string {
	for _, given := range strings.Fields(os.Getenv("LATCHKEY_PARAMETERS")) {
		if key, value, _ := strings.Cut(given, "="); key == name {
			return value
		}
	}
	return otherwise
}
