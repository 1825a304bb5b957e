package latchkeytest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// The first start of a clone builds all functions.
const patience = 10 * time.Minute

var (
	mutex   sync.Mutex
	running = map[string]*Stack{} // by template
	// The command ends when this end of its standard input closes, so it cannot outlive the tests.
	open []io.Closer
)

// Start returns the stack for a template, the same one for all tests of a package. It ends with the tests' process.
//
// If the shell has sourced the env file of a `make local`, or one runs for this template, it uses that one and leaves it
// running. LATCHKEY_DIR says where Latchkey is; otherwise it is the folder `latchkey` beside this one or one above it.
func Start(t testing.TB, template string) *Stack {
	t.Helper()
	mutex.Lock()
	defer mutex.Unlock()
	path, err := filepath.Abs(template)
	if err != nil {
		t.Fatal(err)
	}
	if s := running[path]; s != nil {
		return s
	}
	s, err := find(path)
	if err != nil {
		t.Fatal("latchkey: ", err)
	}
	running[path] = s
	return s
}

func find(template string) (*Stack, error) {
	if of := variables(os.Environ()); of["GUARDED_URL"] != "" {
		return fromVariables(of), nil
	}
	folder, err := latchkey()
	if err != nil {
		return nil, err
	}
	if of, err := read(folder); err == nil && of["TEMPLATE"] == template {
		return fromVariables(of), nil
	}
	return begin(folder, template)
}

// latchkey returns the folder of Latchkey's clone.
func latchkey() (string, error) {
	at, err := os.Getwd()
	if err != nil {
		return "", err
	}
	candidates := []string{os.Getenv("LATCHKEY_DIR")}
	for ; ; at = filepath.Dir(at) {
		candidates = append(candidates, at, filepath.Join(at, "latchkey"))
		if at == filepath.Dir(at) {
			break
		}
	}
	for _, folder := range candidates {
		_, err := os.Stat(filepath.Join(folder, "local", "guarded.py")) //nolint:gosec // whoever runs the tests names the folder
		if folder != "" && err == nil {
			return folder, nil
		}
	}
	return "", errors.New("set LATCHKEY_DIR to the folder of Latchkey")
}

func envFile(folder string) string {
	return filepath.Join(folder, ".local", "guarded", "credentials.env")
}

func read(folder string) (map[string]string, error) {
	text, err := os.ReadFile(envFile(folder))
	return variables(strings.Split(string(text), "\n")), err
}

func begin(folder, template string) (*Stack, error) {
	arguments := []string{"--no-print-directory", "-C", folder, "local", "TEMPLATE=" + template, "UNTIL_EOF=1"}
	command := exec.Command("make", arguments...) //nolint:gosec,noctx // the test names the template; the end of its input ends it
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer // read only after the command has ended
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait() // what it printed says why
		close(ended)
	}()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		select {
		case <-ended:
			return nil, fmt.Errorf("make local: %s", lastLine(said.String()))
		case <-time.After(200 * time.Millisecond):
		}
		if of, err := read(folder); err == nil && of["TEMPLATE"] == template {
			open = append(open, in)
			return fromVariables(of), nil
		}
	}
	_ = in.Close()
	return nil, fmt.Errorf("make local was not ready within %v", patience)
}

// lastLine is the one line in which the command says what is wrong; make adds one of its own.
func lastLine(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if !strings.HasPrefix(lines[i], "make") {
			return lines[i]
		}
	}
	return said
}
