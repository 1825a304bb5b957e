package burst

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A process is one process of a function. It is given a single invocation.
type process struct {
	command *exec.Cmd
	printed *bytes.Buffer
	asked   chan struct{} // closed when it is ready for the invocation
	answer  chan string   // of the invocation
}

// start starts a process whose invocation is the event, once shot is closed. This is the part
// of Lambda's Runtime API that a function needs for that (developer guide, "Using the
// Lambda runtime API for custom runtimes").
func start(t testing.TB, bootstrap string, variables []string, event []byte, shot <-chan struct{}) *process {
	t.Helper()
	p := &process{printed: &bytes.Buffer{}, asked: make(chan struct{}), answer: make(chan string, 1)}
	mux := http.NewServeMux()
	asked := 0
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked > 1 {
			<-r.Context().Done() // frozen
			return
		}
		close(p.asked)
		<-shot
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", "99999999999999")
		_, _ = w.Write(event)
	})
	mux.HandleFunc("POST /2018-06-01/runtime/", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.answer <- r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:] + " " + string(body)
		w.WriteHeader(http.StatusAccepted)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.command = exec.Command(bootstrap)
	p.command.Env = append(variables, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"), "PATH="+os.Getenv("PATH"))
	p.command.Stdout, p.command.Stderr = p.printed, p.printed
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// kill ends the process as the end of a host does, and returns what it had printed.
func (p *process) kill() string {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
	return p.printed.String()
}
