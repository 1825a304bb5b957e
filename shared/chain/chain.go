// Package chain links the entries that record the changes of a key, so that nobody removes,
// alters, inserts or reorders one unseen. Each entry has the hash of the entry before, and the
// head, which is kept apart from the entries, has the hash of the newest:
//
//	created #1 ◄── regenerated #2 ◄── revoked #3 ◄── head (3)
//
// The hash of an entry is SHA-256 over its JSON as the API answers it, without the member
// chain.hash, in the canonical form of RFC 8785. So whoever has the answer can check it.
//
// The entries token_issued, used and refused record no change of the key, and are in no chain.
// docs/audit.md tells what a chain shows, and what it cannot.
package chain

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/latchkey/latchkey/shared/audit"
)

// Append puts an entry at the end of the chain with that head, and returns it with the new head. An
// entry is kept at least as long as the one before it: so entries expire in the order of the chain.
func Append(head audit.Head, e audit.Entry) (audit.Entry, audit.Head, error) {
	e.ExpiresAt = max(e.ExpiresAt, head.ChainUntil)
	e.Chain = &audit.Link{Seq: head.ChainSeq + 1, Previous: head.ChainHash, PreviousUntil: head.ChainUntil}
	hash, err := Hash(e)
	e.Chain.Hash = hash
	return e, audit.Head{ChainSeq: e.Chain.Seq, ChainHash: hash, ChainUntil: e.ExpiresAt}, err
}

// Hash computes the hash of an entry.
func Hash(e audit.Entry) (audit.Hash, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("failed to write an entry as JSON: %w", err)
	}
	return HashOf(text)
}

// HashOf computes the hash of an entry that is written as JSON, perhaps by another release and with
// members that this one does not know.
func HashOf(text []byte) (audit.Hash, error) {
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	var entry map[string]any
	if err := in.Decode(&entry); err != nil {
		return nil, fmt.Errorf("failed to read the JSON of an entry: %w", err)
	}
	if link, ok := entry["chain"].(map[string]any); ok {
		delete(link, "hash")
	}
	sum := sha256.Sum256(appendCanonical(nil, entry))
	return sum[:], nil
}

// An Entry is an entry of a log as it was read, to be verified.
type Entry struct {
	audit.Entry
	Intact bool // it has the hash that it claims
}

// Read reads an entry that is written as JSON.
func Read(text []byte) (e Entry, err error) {
	if err := json.Unmarshal(text, &e.Entry); err != nil {
		return e, fmt.Errorf("failed to read an entry: %w", err)
	}
	hash, err := HashOf(text)
	e.Intact = e.Chain != nil && bytes.Equal(hash, e.Chain.Hash)
	return e, err
}

// Check is Read for entries that this release has read from the table.
func Check(entries ...audit.Entry) (checked []Entry, err error) {
	for _, e := range entries {
		hash, err := Hash(e)
		if err != nil {
			return nil, err
		}
		checked = append(checked, Entry{e, e.Chain != nil && bytes.Equal(hash, e.Chain.Hash)})
	}
	return checked, nil
}
