package audit

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// A Link is an entry's place in the chain of the changes of its key or account; see package chain.
type Link struct {
	Seq           int    `dynamodbav:"seq" json:"seq"`                                      // of the change, from 1
	Previous      Hash   `dynamodbav:"previous,omitempty" json:"previous,omitempty"`        // the hash of the entry before; none for the first
	PreviousUntil Moment `dynamodbav:"until,omitempty" json:"previous_expires_at,omitzero"` // when that one expires
	Hash          Hash   `dynamodbav:"hash,omitempty" json:"hash,omitempty"`                // of this entry
}

// A Head names the newest entry of a chain. The zero Head is that of a key or user without one.
type Head struct {
	ChainSeq   int    `dynamodbav:"chain_seq,omitempty" json:"seq"`
	ChainHash  Hash   `dynamodbav:"chain_hash,omitempty" json:"hash"`
	ChainUntil Moment `dynamodbav:"chain_until,omitempty" json:"expires_at"` // when that entry expires
}

// OrNil returns the head for JSON: nil where there is no chain.
func (h Head) OrNil() *Head {
	if h.ChainSeq == 0 {
		return nil
	}
	return &h
}

// A Hash is one of SHA-256, in hexadecimal where it is text.
type Hash []byte

// MarshalText writes the hash in lower case.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h), nil }

// UnmarshalText reads what MarshalText writes.
func (h *Hash) UnmarshalText(text []byte) (err error) {
	*h, err = hex.AppendDecode(nil, text)
	return err
}

func (h Hash) String() string { return hex.EncodeToString(h) }

// A Moment is a time in epoch seconds. In JSON it is written as RFC 3339 has it, in UTC.
type Moment int64

// Past reports whether the moment has come.
func (m Moment) Past(now time.Time) bool { return int64(m) <= now.Unix() }

func (m Moment) String() string { return time.Unix(int64(m), 0).UTC().Format(time.RFC3339) }

// MarshalJSON writes the moment.
func (m Moment) MarshalJSON() ([]byte, error) { return json.Marshal(m.String()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Moment) UnmarshalJSON(text []byte) error {
	var t time.Time
	if err := json.Unmarshal(text, &t); err != nil {
		return fmt.Errorf("failed to read a moment: %w", err)
	}
	*m = Moment(t.Unix())
	return nil
}
