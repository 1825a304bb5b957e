package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// Bounds of one request of an import, within those of the service.
const (
	batchLines = 100
	batchBytes = 60 << 10
)

// lines is a body of JSON Lines.
type lines []byte

// An importing is one run of an import command.
type importing struct {
	*app
	path    string // of the service
	from    int    // the first line of the file that is sent, from 1
	refused string // the file for the lines that are refused
	report  *os.File
	noted   time.Time
	total   summary
}

// A summary is what the service answers, and the sum of all answers.
type summary struct {
	Created int      `json:"created"`
	Exists  int      `json:"exists"`
	Refused int      `json:"refused"`
	Results []result `json:"results,omitempty"`
}

type result struct {
	Line   int             `json:"line"`
	Status string          `json:"status,omitempty"`
	Error  string          `json:"error"`
	Fields json.RawMessage `json:"fields,omitempty"`
}

// A batch is some lines of the file.
type batch struct {
	first int // number of the first
	count int
	text  []byte
}

func (a *app) importCommand(what, path, example string) *cobra.Command {
	im := importing{app: a, path: path}
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Import " + what + " of another product, by their hashes, from JSON Lines",
		Long: `Import ` + what + ` of another product, by their hashes, from a file of JSON Lines.

What is there already stays as it is, so the same file may be imported again, after
an interruption or with lines added; --from spares the time for those that are done.
Lines that are refused are listed in FILE.refused.jsonl, and the others are imported.
For administrators who are signed in.`,
		Example: example,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return im.run(cmd.Context(), args[0])
		},
	}
	c.Flags().IntVar(&im.from, "from", 1, "the line to begin with")
	c.Flags().StringVar(&im.refused, "refused", "", "the file for the refused lines (default: FILE.refused.jsonl)")
	return c
}

func (im *importing) run(ctx context.Context, name string) error {
	file, err := os.Open(name) //nolint:gosec // the user names it
	if err != nil {
		return usage("%v", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	if im.refused == "" {
		im.refused = name + ".refused.jsonl"
	}
	server, err := im.client()
	if err != nil {
		return err
	}
	if im.from <= 1 { // the report of another run would be taken for this one's
		if err := os.Remove(im.refused); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	next, err := im.sendAll(ctx, server, bufio.NewReaderSize(file, batchBytes))
	if im.report != nil {
		err = errors.Join(err, im.report.Close())
	}
	if err != nil {
		im.note("%d created, %d there already, %d refused; go on with --from %d\n", im.total.Created, im.total.Exists, im.total.Refused, next)
		return err
	}
	return im.end()
}

// sendAll sends the file in batches, and returns the number of the first line that was not sent.
func (im *importing) sendAll(ctx context.Context, server *client, file *bufio.Reader) (next int, err error) {
	for next = 1; ; {
		b, last, err := im.read(file, next)
		if err != nil {
			return next, err
		}
		if b.count > 0 {
			if err := im.sendBatch(ctx, server, b); err != nil {
				return b.first, err
			}
		}
		if next = b.first + b.count; last {
			return next, nil
		}
	}
}

// read reads the next batch, whose first line has that number, and leaves out the lines before --from.
func (im *importing) read(file *bufio.Reader, number int) (b batch, last bool, err error) {
	for b.first = number; b.count < batchLines; {
		next, err := file.Peek(batchBytes - len(b.text))
		if len(next) == 0 {
			return b, true, ignoreEnd(err)
		}
		end := bytes.IndexByte(next, '\n') + 1
		if end == 0 && errors.Is(err, io.EOF) { // the last line has no end
			end = len(next)
		}
		if end == 0 && len(b.text) > 0 {
			return b, false, nil // the next batch has room for it
		}
		if end == 0 {
			return b, false, usage("line %d is longer than %d bytes, or is not text", b.first+b.count, batchBytes)
		}
		text := bytes.Clone(next[:end])
		if _, err := file.Discard(end); err != nil {
			return b, false, err
		}
		if b.first+b.count < im.from {
			b.first++
			continue
		}
		b.text, b.count = append(b.text, text...), b.count+1
		if len(b.text) >= batchBytes {
			break
		}
	}
	return b, false, nil
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (im *importing) sendBatch(ctx context.Context, server *client, b batch) error {
	if len(bytes.TrimSpace(b.text)) == 0 {
		return nil
	}
	sent := post(im.path, lines(b.text))
	sent.repeatable = true
	body, err := im.send(ctx, server, sent)
	if err != nil {
		return err
	}
	var answer summary
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	im.total.Created += answer.Created
	im.total.Exists += answer.Exists
	im.total.Refused += answer.Refused
	for _, r := range answer.Results {
		if r.Status == "refused" {
			if err := im.write(result{Line: b.first + r.Line - 1, Error: r.Error, Fields: r.Fields}); err != nil {
				return err
			}
		}
	}
	if time.Since(im.noted) > time.Second {
		im.noted = time.Now()
		im.note("line %d: %d created, %d there already, %d refused\n", b.first+b.count-1, im.total.Created, im.total.Exists, im.total.Refused)
	}
	return nil
}

// write adds a line to the report.
func (im *importing) write(r result) error {
	if im.report == nil {
		file, err := os.OpenFile(im.refused, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		im.report = file
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = im.report.Write(append(text, '\n'))
	return err
}

func (im *importing) end() error {
	t := im.total
	if im.json {
		if err := im.printJSON(t); err != nil {
			return err
		}
	} else if _, err := fmt.Fprintf(im.out, "%d created, %d there already, %d refused\n", t.Created, t.Exists, t.Refused); err != nil {
		return err
	}
	if t.Refused > 0 {
		return usage("%d lines were refused: see %s", t.Refused, im.refused)
	}
	return nil
}
