package main

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestDeletedCustomersKeysAreFlushedFromTheCacheOfARegisteredStageBeforeTheAnswer(t *testing.T) {
	var flushes atomic.Int32
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		expect.Same(t, "the call", r.Method+" "+r.URL.Path, "DELETE /restapis/abc123/stages/prod/cache/authorizers")
		flushes.Add(1)
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(api.Close)
	cfg, table := storetest.Table(t)
	for name, value := range map[string]string{
		"TABLE_NAME": table, "AUDIT_RETENTION_DAYS": "1", "CACHED_STAGES": "abc123/prod", "AWS_ENDPOINT_URL_API_GATEWAY": api.URL,
	} {
		t.Setenv(name, value)
	}
	c := storetest.Customer(t, store.New(cfg, table), "usr_A", nil)
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
