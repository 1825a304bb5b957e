package main

import (
	"testing"

	"github.com/latchkey/latchkey/shared/cacheflush/cacheflushtest"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestDeletedCustomersKeysAreFlushedFromTheCacheOfARegisteredStageBeforeTheAnswer(t *testing.T) {
	s, flushes := cacheflushtest.Deployment(t)
	c := storetest.Customer(t, s, "usr_A", nil)
	f, err := env.Build(fromEnv)()
	if err != nil {
		t.Fatal(err)
	}
	a := gatewaytest.Do(t, f, gatewaytest.Call{
		Method: "DELETE", Resource: "/v1/customers/{id}", Path: map[string]string{"id": c.ID}, Authorizer: someone("usr_A"),
	})
	expect.Same(t, "status", a.Status, 204)
	expect.Same(t, "the flushes", flushes.Load(), int32(1))
}
