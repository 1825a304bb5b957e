//go:build e2e

package aws

import (
	"net/http"
	"testing"
)

func TestRow04BearerOnAnUnknownPathIsReadAsASignature(t *testing.T) {
	send(t, get("/nowhere")).is(t, 403).has(t, "X-Amzn-Errortype", "MissingAuthenticationTokenException")
	for _, authorization := range []string{"Bearer x", "Basic eDp5", "x"} {
		send(t, get("/nowhere").with("Authorization", authorization)).is(t, 403).has(t, "X-Amzn-Errortype", "IncompleteSignatureException")
	}
}

func TestRow04BearerWithAnUnknownMethodIsReadAsASignature(t *testing.T) {
	r := request{method: http.MethodDelete, path: "/guarded"}.with("Authorization", "Bearer x")
	send(t, r).is(t, 403).has(t, "X-Amzn-Errortype", "IncompleteSignatureException")
}
