package bench

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A sandbox is one process of a function under Amazon's Runtime Interface Emulator, which does not
// use Docker here: it starts the bootstrap at the first invocation, as Lambda does.
type sandbox struct {
	emulator *exec.Cmd
	began    time.Time
	printed  bytes.Buffer // by the emulator and the function
	url      string
	pid      int // of the bootstrap, once it has been invoked
}

// start starts the emulator for a bootstrap with these variables; the function itself is not started yet.
func start(t testing.TB, bootstrap string, variables map[string]string) *sandbox {
	t.Helper()
	rie := os.Getenv("LAMBDA_RIE")
	if rie == "" {
		t.Fatal("this benchmark needs the Runtime Interface Emulator: run it with `make bench`")
	}
	invoke, runtime := freeAddress(t), freeAddress(t)
	command := exec.Command(rie, "--log-level", "error", "--runtime-interface-emulator-address", invoke,
		"--runtime-api-address", runtime, bootstrap)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	for name, value := range variables {
		command.Env = append(command.Env, name+"="+value)
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s := &sandbox{emulator: command, url: "http://" + invoke + "/2015-03-31/functions/function/invocations"}
	command.Stdout, command.Stderr = &s.printed, &s.printed
	s.began = time.Now()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(200 * time.Microsecond) {
		c, err := net.Dial("tcp", invoke)
		if err == nil {
			_ = c.Close()
			return s
		}
		if time.Now().After(deadline) {
			s.stop()
			t.Fatalf("the Runtime Interface Emulator does not listen: %v", err)
		}
	}
}

// first invokes a fresh sandbox. It returns the time from the start of the emulator's process to the answer.
func (s *sandbox) first(t testing.TB, event []byte) ([]byte, time.Duration) {
	t.Helper()
	waited := time.Since(s.began)
	body, took := s.invoke(t, event)
	return body, waited + took
}

// invoke sends an event. It returns the answer and the time that it took.
func (s *sandbox) invoke(t testing.TB, event []byte) ([]byte, time.Duration) {
	t.Helper()
	began := time.Now()
	res, err := http.Post(s.url, "application/json", bytes.NewReader(event))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	took := time.Since(began)
	_ = res.Body.Close()
	if err != nil || res.StatusCode != 200 || bytes.Contains(body, []byte("errorMessage")) {
		s.stop()
		t.Fatalf("%s: an invocation failed: %d %.300s %v\n%s", strings.Join(s.emulator.Args[len(s.emulator.Args)-1:], ""), res.StatusCode, body, err, s.printed.String())
	}
	if s.pid == 0 {
		s.pid = s.child(t)
	}
	return body, took
}

func (s *sandbox) stop() {
	_ = syscall.Kill(-s.emulator.Process.Pid, syscall.SIGKILL)
	_ = s.emulator.Wait()
}

// child returns the id of the bootstrap's process, the emulator's only child.
func (s *sandbox) child(t testing.TB) int {
	t.Helper()
	parent := s.emulator.Process.Pid
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	for _, path := range tasks {
		text, _ := os.ReadFile(path) // a thread may have ended
		if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			return pid
		}
	}
	t.Fatalf("the emulator %d has no child", parent)
	return 0
}

// cpu returns the time for which the function's threads have run so far.
func (s *sandbox) cpu() time.Duration {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.pid))
	var sum time.Duration
	for _, path := range threads {
		text, _ := os.ReadFile(path)
		running, _, _ := strings.Cut(string(text), " ") // nanoseconds on a CPU
		n, _ := strconv.ParseInt(running, 10, 64)
		sum += time.Duration(n)
	}
	return sum
}

// peakRSS returns the most memory that the function has used, in bytes.
func (s *sandbox) peakRSS() int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	kib, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	n, _ := strconv.ParseInt(kib, 10, 64)
	return n * 1024
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
