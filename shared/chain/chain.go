// Package chain links the entries that record the changes of a key, an account or a customer, so that nobody removes,
// alters, inserts or reorders one unseen. Each entry has the hash of the entry before, and the
// head, which is kept apart from the entries, has the hash of the newest:
//
//	created #1 ◄── regenerated #2 ◄── revoked #3 ◄── head (3)
//
// The hash of an entry is SHA-256 over its JSON as the API answers it, without the member
// chain.hash, in the canonical form of RFC 8785. So whoever has the answer can check it.
//
// An entry of an account names a person: by address, user agent and label. Its hash is over
// person_hash instead, which is that of those members and a salt (Seal). When the person is
// erased, they and the salt go, and the chain stays whole. So it is with the member personal of an
// entry of a customer (SealCustomer).
//
// The entries token_issued, used and refused record no change of the key, and are in no chain;
// nor are those of an account's sign-ins and sessions.
// docs/audit.md tells what a chain shows, and what it cannot.
package chain

import (
	"bytes"
	"crypto/rand"
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
	entry, err := members(text)
	if err != nil {
		return nil, err
	}
	return hashOf(entry), nil
}

func members(text []byte) (entry map[string]any, err error) {
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	if err := in.Decode(&entry); err != nil {
		return nil, fmt.Errorf("failed to read the JSON of an entry: %w", err)
	}
	return entry, nil
}

// hashOf computes the hash of an entry. It removes from it what the hash is not over.
func hashOf(entry map[string]any) audit.Hash {
	if link, ok := entry["chain"].(map[string]any); ok {
		delete(link, "hash")
	}
	if _, sealed := entry["person_hash"]; sealed {
		for _, name := range personal(entry) {
			delete(entry, name)
		}
	}
	return sum(entry)
}

// personal are the members of a sealed entry that its hash is not over.
func personal(entry map[string]any) []string {
	if _, account := entry["user_id"]; account {
		return audit.Personal
	}
	return audit.PersonalOfCustomer
}

func sum(value map[string]any) audit.Hash {
	hash := sha256.Sum256(appendCanonical(nil, value))
	return hash[:]
}

// Seal returns an entry of an account with the hash of its personal members.
func Seal(e audit.Entry) audit.Entry {
	members := map[string]any{}
	for name, value := range map[string]string{"address": e.Address, "user_agent": e.UserAgent, "label": e.Label} {
		if value != "" {
			members[name] = value
		}
	}
	return seal(e, members)
}

// SealCustomer returns an entry of a customer with the hash of what it says of who that is, if it does.
func SealCustomer(e audit.Entry) audit.Entry {
	if len(e.Personal) == 0 {
		return e
	}
	personal := map[string]any{}
	for name, value := range e.Personal {
		personal[name] = value
	}
	return seal(e, map[string]any{"personal": personal})
}

func seal(e audit.Entry, members map[string]any) audit.Entry {
	e.Salt = rand.Text()
	members["salt"] = e.Salt
	e.PersonHash = sum(members)
	return e
}

// personIntact reports whether the personal members of an entry have the hash that it names, or have
// all been erased.
func personIntact(entry map[string]any) bool {
	named, sealed := entry["person_hash"]
	if !sealed {
		return true
	}
	members := map[string]any{}
	for _, name := range personal(entry) {
		if value, ok := entry[name]; ok {
			members[name] = value
		}
	}
	return len(members) == 0 || sum(members).String() == named
}

// An Entry is an entry of a log as it was read, to be verified.
type Entry struct {
	audit.Entry
	Intact bool // it has the hashes that it claims
}

// Read reads an entry that is written as JSON.
func Read(text []byte) (e Entry, err error) {
	if err := json.Unmarshal(text, &e.Entry); err != nil {
		return e, fmt.Errorf("failed to read an entry: %w", err)
	}
	entry, err := members(text)
	if err != nil {
		return e, err
	}
	person := personIntact(entry)
	e.Intact = e.Chain != nil && person && bytes.Equal(hashOf(entry), e.Chain.Hash)
	return e, nil
}

// Check is Read for entries that this release has read from the table.
func Check(entries ...audit.Entry) (checked []Entry, err error) {
	for _, e := range entries {
		text, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("failed to write an entry as JSON: %w", err)
		}
		read, err := Read(text)
		if err != nil {
			return nil, err
		}
		checked = append(checked, Entry{e, read.Intact})
	}
	return checked, nil
}
