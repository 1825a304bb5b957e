//go:build e2e && linux

package main_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// A terminal is one that a test types at. What the command prints, and what is typed, is read from the same file.
type terminal struct {
	*os.File
	commands *os.File
}

func newTerminal(t *testing.T, columns uint16) terminal {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(int(ours.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err != nil {
		t.Fatal(err)
	}
	commands, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ours.Close() })
	return terminal{ours, commands}
}

// run runs a command at the terminal, types an answer to its question, and returns all that stood there.
func (term terminal) run(t *testing.T, h home, answer string, args ...string) (exit int, shown string) {
	t.Helper()
	c := h.command("", args...)
	c.Stdin, c.Stdout, c.Stderr = term.commands, term.commands, term.commands
	if _, err := io.WriteString(term, answer); err != nil {
		t.Fatal(err)
	}
	all := make(chan string)
	go func() {
		text, _ := io.ReadAll(term) // ends with an error, when nobody is at the other end
		all <- string(text)
	}()
	_ = c.Run()
	_ = term.commands.Close()
	shown = <-all
	if c.ProcessState == nil {
		t.Fatalf("latchkey %v did not run", args)
	}
	return c.ProcessState.ExitCode(), shown
}

func TestPersonIsAskedBeforeAKeyIsDeleted(t *testing.T) {
	h := signedIn(t)
	k := h.newKey(t)
	exit, shown := newTerminal(t, 80).run(t, h, "no\n", "keys", "delete", k.ID)
	if exit != 2 || !strings.Contains(shown, "Delete the key "+k.ID) {
		t.Errorf("ended with %d, want 2 after a question:\n%s", exit, shown)
	}
	if status, _ := api(t, "GET", "/v1/auth/me", k.Key, ""); status != 200 {
		t.Errorf("after a no, the key is answered %d, want 200", status)
	}
	if exit, shown := newTerminal(t, 80).run(t, h, "yes\n", "keys", "delete", k.ID); exit != 0 {
		t.Errorf("ended with %d, want 0:\n%s", exit, shown)
	}
	if status, _ := api(t, "GET", "/v1/auth/me", k.Key, ""); status != 401 {
		t.Errorf("after a yes, the key is answered %d, want 401", status)
	}
}

func TestPersonWhoSaysYesIsNotAsked(t *testing.T) {
	h := signedIn(t)
	k := h.newKey(t)
	if exit, shown := newTerminal(t, 80).run(t, h, "", "keys", "delete", k.ID, "--yes"); exit != 0 || strings.Contains(shown, "Type yes") {
		t.Errorf("ended with %d, want 0 without a question:\n%s", exit, shown)
	}
}

func TestListFitsTheTerminal(t *testing.T) {
	h := signedIn(t)
	k := h.newKey(t, "--expires", "90d")
	time.Sleep(indexLag)
	exit, shown := newTerminal(t, 80).run(t, h, "", "keys", "list")
	if exit != 0 || !strings.Contains(shown, k.ID) || !strings.Contains(shown, "active") {
		t.Errorf("ended with %d and no %s that is active:\n%s", exit, k.ID, shown)
	}
	for line := range strings.Lines(shown) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\r\n")); n > 80 {
			t.Errorf("a line takes %d letters of 80: %s", n, line)
		}
	}
}
