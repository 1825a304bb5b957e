// Package runtimeapi runs a function as it is deployed: a process of its bootstrap, before the part of Lambda's
// Runtime API that it needs (developer guide, "Using the Lambda runtime API for custom runtimes").
package runtimeapi

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Process is one process of a function.
type Process struct {
	Asked   <-chan struct{} // closed when it has asked for its first event
	Events  chan<- []byte   // takes an event when the process has asked for one; until then the process is frozen
	Answers <-chan string   // "response {…}" or "error {…}", one for each event
	Began   time.Time

	command *exec.Cmd
	printed bytes.Buffer
}

// Start starts a process with these variables, and no others but PATH. It is killed at the end of the test.
func Start(t testing.TB, bootstrap string, variables ...string) *Process {
	t.Helper()
	asked, events, answers := make(chan struct{}), make(chan []byte), make(chan string, 1)
	first := sync.OnceFunc(func() { close(asked) })
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		first()
		select {
		case event := <-events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", "99999999999999")
			_, _ = w.Write(event)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST /2018-06-01/runtime/", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answers <- r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:] + " " + string(body)
		w.WriteHeader(http.StatusAccepted)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p := &Process{Asked: asked, Events: events, Answers: answers, command: exec.CommandContext(t.Context(), bootstrap)}
	p.command.Env = append(variables, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"), "PATH="+os.Getenv("PATH"))
	p.command.Stdout, p.command.Stderr = &p.printed, &p.printed
	p.Began = time.Now()
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// Kill ends the process as the end of a host does, and returns what it had printed.
func (p *Process) Kill() string {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
	return p.printed.String()
}

// State is that of a process that was killed.
func (p *Process) State() *os.ProcessState { return p.command.ProcessState }
