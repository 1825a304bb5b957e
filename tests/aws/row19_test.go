//go:build e2e

package aws

import (
	"net/http"
	"strings"
	"testing"
)

func TestRow19HeadersTogetherAreAtMost10240Bytes(t *testing.T) {
	send(t, get("/open").with("X-Long", strings.Repeat("x", 9500))).is(t, 200)
	send(t, get("/open").with("X-Long", strings.Repeat("x", 10300))).is(t, 431)
}

func TestRow19BodyIsAtMostTenMegabytesAndNoGatewayResponseSaysSo(t *testing.T) {
	r := request{method: http.MethodPost, path: "/open", body: strings.Repeat("x", 10<<20+1)}
	send(t, r).is(t, 413).says(t, "HTTP content length exceeded 10485760 bytes.")
}

func TestRow19BodyBeyondLambdasSixMegabytesIsRefused(t *testing.T) {
	r := request{method: http.MethodPost, path: "/open", body: strings.Repeat("x", 7<<20)}
	send(t, r).is(t, 413).says(t, `{"message": "Request Too Long"}`)
}

func TestRow19AnswerBeyondLambdasSixMegabytesIsABadGateway(t *testing.T) {
	if a := send(t, get("/open").told(map[string]any{"do": "size", "size": 5 << 20})).is(t, 200); len(a.body) != 5<<20 {
		t.Errorf("an answer of 5 MB came as %d bytes", len(a.body))
	}
	send(t, get("/open").told(map[string]any{"do": "size", "size": 7 << 20})).is(t, 502)
}
