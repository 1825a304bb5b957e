//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
)

// samLocal says that the deployment is `sam local`'s, which has no gateway responses and
// writes its own access log into the functions'. What else it lacks, local/test.py leaves
// out of the suite, with the reason.
var samLocal = os.Getenv("LATCHKEY_PLACE") == "sam-local"

// worded is the answer as the gateway responses of template.yaml would have worded it, if
// it is one of the two refusals that sam local words itself.
func worded(a answer) answer {
	var own struct {
		Message string `json:"message"`
	}
	if !samLocal || a.status != http.StatusForbidden || json.Unmarshal(a.body, &own) != nil {
		return a
	}
	p := problem{Type: "about:blank", Detail: own.Message, RequestID: "none", OK: new(bool), Error: own.Message}
	switch own.Message {
	case "Missing Authentication Token":
		p.Title, p.Status, p.Code = "Not Found", http.StatusNotFound, "RESOURCE_NOT_FOUND"
	case "User is not authorized to access this resource":
		p.Title, p.Status, p.Code = "Forbidden", http.StatusForbidden, "INSUFFICIENT_SCOPE"
	default:
		return a
	}
	a.status = p.Status
	a.body, _ = json.Marshal(p)
	a.header.Set("Content-Type", "application/problem+json")
	a.header.Set("Cache-Control", "no-store")
	return a
}

// functionsOnly is the log without the lines that sam local writes for itself, in which
// every URL stands with its query.
func functionsOnly(log string) string {
	if !samLocal {
		return log
	}
	var kept []string
	for line := range strings.Lines(log) {
		if !strings.Contains(line, " HTTP/1.1") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// challenge is what a 401 asks for. API Gateway renames the header of a function's answer
// and leaves its own (docs/aws.md, row 1), so a client looks for both names.
func challenge(h http.Header) string {
	if own := h.Get("WWW-Authenticate"); own != "" {
		return own
	}
	return h.Get("X-Amzn-Remapped-WWW-Authenticate")
}
