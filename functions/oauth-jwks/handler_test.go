package main

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/keypair"
	"github.com/latchkey/latchkey/shared/secret"
)

var call = gatewaytest.Call{Method: "GET", Resource: "/.well-known/jwks.json", Header: map[string]string{"Host": "api.example.com"}}

func TestWithoutAKeyPairThereIsNoSet(t *testing.T) {
	if a := gatewaytest.Do(t, gateway.Unlimited(handler{}.serve), call); a.Status != 404 {
		t.Errorf("status %d: %s", a.Status, a.Body)
	}
}

func TestSetHasThePublicKeysAndNothingPrivate(t *testing.T) {
	for algorithm, members := range map[string][]string{
		keypair.ES256: {"kty", "use", "alg", "kid", "crv", "x", "y"},
		keypair.RS256: {"kty", "use", "alg", "kid", "n", "e"},
	} {
		key, err := keypair.New(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		public, err := keypair.PublicRing(secret.NewRing(time.Now(), algorithm, key))
		if err != nil {
			t.Fatal(err)
		}
		source := secret.NewSource(func(context.Context) (string, error) { return public.Text(), nil }, time.Now)
		a := gatewaytest.Do(t, gateway.Unlimited(handler{source}.serve), call)
		if a.Status != 200 {
			t.Fatalf("status %d: %s", a.Status, a.Body)
		}
		keys, _ := a.JSON(t)["keys"].([]any)
		if len(keys) != 1 {
			t.Fatalf("%s: %d keys", algorithm, len(keys))
		}
		jwk := keys[0].(map[string]any)
		for _, name := range members {
			if jwk[name] == nil || jwk[name] == "" {
				t.Errorf("%s: there is no %s", algorithm, name)
			}
		}
		if len(jwk) != len(members) {
			t.Errorf("%s: it has %v, want only %v", algorithm, jwk, members)
		}
	}
}
