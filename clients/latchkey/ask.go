package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

func (a *app) email(ctx context.Context, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	if !term.IsTerminal(int(a.in.Fd())) {
		return "", usage("no e-mail address; use --email")
	}
	a.note("E-mail: ")
	return interruptible(ctx, func() (string, error) { return line(a.in) })
}

// secret asks for a secret without showing it, or takes the first line of standard input.
func (a *app) secret(ctx context.Context, prompt string, fromStdin bool, flag string) (string, error) {
	if fromStdin {
		return line(a.in)
	}
	terminal := int(a.in.Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return "", usage("there is no terminal to ask at; use %s", flag)
	}
	a.note("%s: ", prompt)
	text, err := interruptible(ctx, func() (string, error) {
		text, err := term.ReadPassword(terminal)
		return string(text), err
	})
	a.note("\n")
	return text, errors.Join(err, term.Restore(terminal, before)) // an interrupted one would leave it mute
}

// interruptible is what read gives, unless the command is interrupted: nothing else ends
// a wait for somebody to type.
func interruptible(ctx context.Context, read func() (string, error)) (string, error) {
	done := make(chan struct{})
	var typed string
	var failed error
	go func() {
		typed, failed = read()
		close(done)
	}()
	select {
	case <-done:
		return typed, failed
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// line reads one line.
func line(in io.Reader) (string, error) {
	read, err := readLines(in, 1)
	return strings.Join(read, ""), err
}

// readLines reads so many lines.
func readLines(in io.Reader, count int) (read []string, err error) {
	from := bufio.NewReader(in)
	for range count {
		text, err := from.ReadString('\n')
		if text == "" && err != nil {
			return nil, usage("there was nothing to read")
		}
		read = append(read, strings.TrimRight(text, "\r\n"))
	}
	return read, nil
}

// confirm asks a person before something that cannot be undone. A script, which has no terminal, is not asked.
func (a *app) confirm(ctx context.Context, yes bool, format string, args ...any) error {
	if yes || !a.atTerminal() {
		return nil
	}
	a.note(format+" Type yes: ", args...)
	answer, err := interruptible(ctx, func() (string, error) { return line(a.in) })
	if err != nil {
		return err
	}
	if strings.TrimSpace(answer) != "yes" {
		return usage("nothing was done")
	}
	return nil
}

// atTerminal reports whether a person can answer and sees the question.
func (a *app) atTerminal() bool {
	notes, ok := a.notes.(*os.File)
	return ok && term.IsTerminal(int(notes.Fd())) && term.IsTerminal(int(a.in.Fd()))
}
