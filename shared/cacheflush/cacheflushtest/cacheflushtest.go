// Package cacheflushtest gives tests a deployment with a registered stage.
package cacheflushtest

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// Deployment sets the environment of a function whose deployment has the stage abc123/prod among its
// CachedStages. It returns the store of its table, and how often the stage's cache was flushed.
func Deployment(t *testing.T) (*store.Store, *atomic.Int32) {
	t.Helper()
	flushes := &atomic.Int32{}
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
	return store.New(cfg, table), flushes
}
