package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/export"
)

// A copied entry is one of the export.
type copied struct {
	hash  audit.Hash
	until audit.Moment
}

// copies are the entries of an export that do not count uses: by the key, user or customer, and by their id.
type copies map[string]map[string]copied

// longestLine is longer than any: an item of DynamoDB has at most 400 KB.
const longestLine = 1 << 20

// readCopy reads the lines of an export; "-" is standard input, and "" no copy.
func readCopy(path string) (copies, error) {
	if path == "" {
		return nil, nil
	}
	in := os.Stdin
	if path != "-" {
		file, err := os.Open(path) //nolint:gosec // the operator names it
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	return copyOf(in)
}

func copyOf(in io.Reader) (copies, error) {
	found := copies{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var line struct {
			Event string
			Entry json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("failed to read a line of the copy: %w", err)
		}
		if line.Event != export.Logged {
			continue
		}
		e, err := chain.Read(line.Entry)
		if err != nil {
			return nil, err
		}
		hash, err := chain.HashOf(line.Entry)
		if err != nil {
			return nil, err
		}
		of := e.Of()
		if found[of] == nil {
			found[of] = map[string]copied{}
		}
		found[of][e.ID] = copied{hash, e.ExpiresAt}
	}
	return found, lines.Err()
}

// compare returns what a log has not, or otherwise, of what was copied.
func (c copies) compare(of string, entries []chain.Entry, now time.Time) (findings []chain.Finding) {
	there := map[string]audit.Hash{}
	for _, e := range entries {
		there[e.ID], _ = chain.Hash(e.Entry) // none if it has none: another than in the copy
	}
	for id, was := range c[of] {
		switch hash, ok := there[id]; {
		case !ok && !was.until.Past(now):
			findings = append(findings, chain.Finding{Kind: chain.Removed, Entry: id, Text: "it is in the copy, and no longer in the log"})
		case ok && !bytes.Equal(hash, was.hash):
			findings = append(findings, chain.Finding{Kind: chain.Altered, Entry: id, Text: "it is another than in the copy"})
		}
	}
	return findings
}
