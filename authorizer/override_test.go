package main

import (
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
)

func TestRow20AMethodOverrideOpensNothing(t *testing.T) {
	for _, header := range []string{"X-HTTP-Method-Override", "x-http-method-override", "X-HTTP-Method", "X-Method-Override"} {
		for method, open := range map[string]bool{"DELETE": false, "POST": false, "": false, "GET, DELETE": false, "GET": true, "get": true} {
			w := newWorld(t, modeEdge)
			_, key := w.key(func(k *apikey.Key) { k.Scopes = []string{"read:stats"} })
			res, err := w.handle(ctx, get("X-Api-Key: "+key, header+": "+method))
			if err != nil {
				t.Fatal(err)
			}
			if got := res.PolicyDocument.Statement[0].Effect == "Allow"; got != open {
				t.Errorf("a GET with %s: %q is let through: %v", header, method, got)
			}
		}
	}
}

func TestRow20AnHTTPAPIsMethodOverrideOpensNothing(t *testing.T) {
	w := newWorld(t, modeEdge)
	_, key := w.key(readsCampaigns)
	event := strings.Replace(string(httpEvent("GET", "/api/campaigns/7", key)), `"headers":{`, `"headers":{"x-http-method-override":"DELETE",`, 1)
	answer, err := w.invoke([]byte(event))
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.PolicyDocument.Statement[0].Effect; got != "Deny" {
		t.Errorf("its effect is %s", got)
	}
}

func TestRow20AMethodOverrideIsForbiddenInTheFunctionsWords(t *testing.T) {
	w := newWorld(t, modeFunction)
	_, key := w.key(nil)
	res, err := w.handle(ctx, get("X-Api-Key: "+key, "X-HTTP-Method-Override: DELETE"))
	if err != nil {
		t.Fatal(err)
	}
	if res.Context[gateway.CtxReason] != "method" {
		t.Errorf("the reason is %v, want method", res.Context[gateway.CtxReason])
	}
	if res.Context[gateway.CtxRefusal] != "FORBIDDEN" {
		t.Errorf("the context is %v", res.Context)
	}
}

// An HTTP API decodes the path in its event. What cannot stand in a path is there only because it
// was encoded, and nobody knows what a server makes of it.
func TestRow21AnHTTPAPIsPathThatOnlyDecodingCanGiveOpensNothing(t *testing.T) {
	w := newWorld(t, modeEdge)
	_, key := w.key(readsCampaigns)
	for path, want := range map[string]string{
		"/api/campaigns/a b": "Allow", "/api/campaigns/caf\u00e9": "Allow",
		`/api/campaigns/..\u0000/x`: "Deny", `/api/campaigns/7\n`: "Deny", `/api/campaigns/\u007f`: "Deny", `/api/campaigns/\u0085`: "Deny",
		`/api/campaigns/\ufffd`: "Deny", "/api/campaigns/7?x": "Deny", "/api/campaigns/7#x": "Deny",
	} {
		answer, err := w.invoke(httpEvent("GET", path, key))
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.PolicyDocument.Statement[0].Effect; got != want {
			t.Errorf("%q: the effect is %s, want %s", path, got, want)
		}
	}
}
