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
	if e.Chain != nil {
		link := *e.Chain
		link.Hash = nil
		e.Chain = &link
	}
	text, err := canonical(e)
	sum := sha256.Sum256(text)
	return sum[:], err
}

// Intact reports whether an entry has the hash that it claims.
func Intact(e audit.Entry) bool {
	hash, err := Hash(e)
	return err == nil && e.Chain != nil && bytes.Equal(hash, e.Chain.Hash)
}
