package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A function is one process of a function, as it is deployed. It is driven by the part of
// Lambda's Runtime API that it needs (developer guide, "Using the Lambda runtime API").
type function struct {
	t       testing.TB
	command *exec.Cmd
	printed bytes.Buffer
	began   time.Time
	events  chan []byte
	answers chan string
}

// build makes the bootstrap of a function's folder.
func build(t testing.TB, folder string) string {
	t.Helper()
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	command := exec.Command("go", "build", "-tags=lambda.norpc", "-o", bootstrap, "../../"+folder)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", folder, err, out)
	}
	return bootstrap
}

func start(t testing.TB, bootstrap string, variables ...string) *function {
	t.Helper()
	f := &function{t: t, events: make(chan []byte), answers: make(chan string)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case event := <-f.events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", "99999999999999")
			_, _ = w.Write(event)
		case <-r.Context().Done(): // frozen
		}
	})
	mux.HandleFunc("POST /2018-06-01/runtime/", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.answers <- r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:] + " " + string(body)
		w.WriteHeader(http.StatusAccepted)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	f.command = exec.Command(bootstrap)
	f.command.Env = append(variables, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"), "PATH="+os.Getenv("PATH"))
	f.command.Stdout, f.command.Stderr = &f.printed, &f.printed
	f.began = time.Now()
	must(t, f.command.Start())
	t.Cleanup(func() { _ = f.command.Process.Kill() })
	return f
}

// invoke returns what the function answers.
func (f *function) invoke(event any) string {
	f.t.Helper()
	text, err := json.Marshal(event)
	must(f.t, err)
	select {
	case f.events <- text:
	case <-time.After(time.Minute):
		f.t.Fatalf("the function does not ask for work: %s", f.stop())
	}
	select {
	case answer := <-f.answers:
		body, ok := strings.CutPrefix(answer, "response ")
		if !ok {
			f.t.Fatalf("%s\n%s", answer, f.stop())
		}
		return body
	case <-time.After(time.Minute):
		f.t.Fatalf("the function does not answer: %s", f.stop())
		return ""
	}
}

// stop ends the process and returns what it printed.
func (f *function) stop() string {
	_ = f.command.Process.Kill()
	_ = f.command.Wait()
	return f.printed.String()
}

// cpu is the time for which a stopped process has run.
func (f *function) cpu() time.Duration {
	return f.command.ProcessState.UserTime() + f.command.ProcessState.SystemTime()
}
