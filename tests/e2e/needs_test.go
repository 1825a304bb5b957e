//go:build e2e

package e2e

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A need is what a test may want besides the URL and a login. LATCHKEY_HAS has the names of
// those that can be reached here, with commas between them.
type need struct{ name, words string }

var (
	theTable     = need{"table", "the table"}                                   // TABLE_NAME, and credentials for DynamoDB
	theSecret    = need{"secret", "the secret that signs tokens"}               // credentials for Secrets Manager
	theLog       = need{"log", "the functions' log"}                            // LATCHKEY_LOG_FILE
	theLambda    = need{"lambda", "Lambda's own API"}                           // AWS_ENDPOINT_URL, which takes unsigned calls
	theProcesses = need{"processes", "the functions' processes"}                // LATCHKEY_LOG_FILE, beside which the emulator's process id is
	theUpgrade   = need{"upgrade", "a deployment of the landed release"}        // LATCHKEY_UPGRADE, the command that deploys this tree over it
	theBucket    = need{"bucket", "the bucket of the export"}                   // AuditExportBucket in LATCHKEY_PARAMETERS, and credentials for S3
	theScanner   = need{"scanner", "the key of the scanner that reports leaks"} // LeakKeysUrl is an address here, to publish one at
	theMail      = need{"mail", "the mail that SES was given to send"}          // AWS_ENDPOINT_URL is that of ministack, which keeps it
	theExample   = need{"example", "the API of `make example` beside it"}       // EXAMPLE_API_URL
)

var there = strings.Split(os.Getenv("LATCHKEY_HAS"), ",")

func reaches(n need) bool { return slices.Contains(there, n.name) }

// needs ends a test that cannot be made here. `make verify` reports it as not checkable,
// with this reason; `make test` counts it as failed.
func needs(t testing.TB, n need) {
	t.Helper()
	if !reaches(n) {
		t.Skipf("not checkable here: it needs %s", n.words)
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
