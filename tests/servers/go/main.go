// Serves the same small API in net/http, chi, gin and echo, each behind clients/guard, for tests/servers/test_servers.py. It
// prints a line "name address" for each, and ends with its standard input.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v4"

	"github.com/latchkey/latchkey/clients/guard"
)

var (
	keys   = guard.Must(guard.New(guard.Config{API: "servers/go", Timeout: 10 * time.Second, TrustedProxies: 1}))
	cached = guard.Must(guard.New(guard.Config{MaxStale: time.Minute, Timeout: 10 * time.Second}))
)

func caller(w http.ResponseWriter, r *http.Request) {
	c := guard.CallerOf(r.Context())
	w.Header().Set("Content-Type", "application/json")
	body := map[string]any{"key_id": c.KeyID, "project_id": c.ProjectID, "label": c.Label, "scopes": c.Scopes, "metadata": c.Metadata}
	if err := json.NewEncoder(w).Encode(body); err != nil {
		slog.Error("answering", "error", err)
	}
}

func main() {
	serve("net-http", ofTheStandardLibrary())
	serve("chi", ofChi())
	serve("gin", ofGin())
	serve("echo", ofEcho())
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func serve(name string, h http.Handler) {
	there, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() { panic(http.Serve(there, h)) }()
	fmt.Println(name, "http://"+there.Addr().String())
}

func ofTheStandardLibrary() http.Handler {
	mux, h := http.NewServeMux(), http.HandlerFunc(caller)
	mux.Handle("/api/stats", keys.ByPath(h))
	mux.Handle("GET /scoped", keys.Scopes("write:events")(h))
	mux.Handle("GET /cached", cached.AnyKey(h))
	return mux
}

func ofChi() http.Handler {
	r := chi.NewRouter()
	r.Group(func(r chi.Router) {
		r.Use(keys.ByPath)
		r.HandleFunc("/api/stats", caller)
	})
	r.With(keys.Scopes("write:events")).Get("/scoped", caller)
	r.With(cached.AnyKey).Get("/cached", caller)
	return r
}

func ofGin() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	h := func(c *gin.Context) { caller(c.Writer, c.Request) }
	guarded := engine.Group("/api", inGin(keys.ByPath))
	guarded.Any("/stats", h)
	engine.GET("/scoped", inGin(keys.Scopes("write:events")), h)
	engine.GET("/cached", inGin(cached.AnyKey), h)
	return engine
}

// inGin is printed in the README.
func inGin(guard func(http.Handler) http.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		passed := false
		guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { passed, c.Request = true, r })).ServeHTTP(c.Writer, c.Request)
		if !passed {
			c.Abort()
		}
	}
}

func ofEcho() http.Handler {
	e := echo.New()
	h := func(c echo.Context) error { caller(c.Response(), c.Request()); return nil }
	guarded := e.Group("/api", echo.WrapMiddleware(keys.ByPath))
	guarded.GET("/stats", h)
	guarded.POST("/stats", h)
	e.GET("/scoped", h, echo.WrapMiddleware(keys.Scopes("write:events")))
	e.GET("/cached", h, echo.WrapMiddleware(cached.AnyKey))
	return e
}
