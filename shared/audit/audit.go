// Package audit owns the audit logs: that of a key, with its changes and its uses, that of an account
// (account.go), and that of a customer (customer.go).
package audit

import (
	"cmp"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"
)

// Actions. The lifecycle entries commit with the change that they record.
const (
	Created      = "created"
	Updated      = "updated"
	Regenerated  = "regenerated"
	Revoked      = "revoked"
	Deleted      = "deleted"
	TokenIssued  = "token_issued"
	TokenRevoked = "token_revoked"
	Used         = "used"    // one entry per key, hour, API, address and route
	Refused      = "refused" // somebody named the key without its secret; one entry per key and hour
)

// An Entry is one line of the log.
type Entry struct {
	ID        string            `dynamodbav:"id" json:"id"` // a ULID: its time is At
	KeyID     string            `dynamodbav:"key_id" json:"key_id"`
	Owner     string            `dynamodbav:"owner" json:"owner_id"`
	Project   string            `dynamodbav:"project" json:"project_id"`
	At        time.Time         `dynamodbav:"at" json:"at"`
	Action    string            `dynamodbav:"action" json:"action"`
	Actor     Actor             `dynamodbav:"actor" json:"actor"`
	Address   string            `dynamodbav:"address" json:"address"`
	UserAgent string            `dynamodbav:"user_agent" json:"user_agent"`
	RequestID string            `dynamodbav:"request_id" json:"request_id"`
	Detail    map[string]string `dynamodbav:"detail,omitempty" json:"detail,omitempty"`

	API      string `dynamodbav:"api,omitempty" json:"api,omitempty"` // <id>/<stage>
	Route    string `dynamodbav:"route,omitempty" json:"route,omitempty"`
	Count    int    `dynamodbav:"use_count,omitempty" json:"count,omitempty"`
	Refusals int    `dynamodbav:"refusals,omitempty" json:"refusals,omitempty"`

	ExpiresAt Moment `dynamodbav:"expires_at" json:"expires_at"` // the table's TTL attribute

	Chain *Link `dynamodbav:"chain,omitempty" json:"chain,omitempty"` // of an entry that records a change

	OfAccount  // of an entry of an account's log, which has no key, owner or project
	OfCustomer // of an entry of a customer's log, which has no key and no owner
}

// Of returns the id of the key, user or customer whose log the entry is in.
func (e Entry) Of() string { return cmp.Or(e.KeyID, e.UserID, e.CustomerID) }

// An Actor did something: a user, a key, a client with a token made from a key, a scanner (whose id is
// the host of its public keys), or unknown.
type Actor struct {
	Type string `dynamodbav:"type" json:"type"`
	ID   string `dynamodbav:"id" json:"id"`
}

// A Source is the request that an entry comes from.
type Source struct {
	Actor     Actor     `json:"actor"`
	Address   string    `json:"address"`
	UserAgent string    `json:"user_agent"`
	RequestID string    `json:"request_id"`
	Now       time.Time `json:"-"`
}

// New makes a lifecycle entry that is kept for the duration retention.
func New(action string, s Source, retention time.Duration) Entry {
	return Entry{
		ID: ulid.MustNew(ulid.Timestamp(s.Now), ulid.DefaultEntropy()).String(),
		At: s.Now.UTC(), Action: action,
		Actor: s.Actor, Address: s.Address, UserAgent: s.UserAgent, RequestID: s.RequestID,
		ExpiresAt: Moment(s.Now.Add(retention).Unix()),
	}
}

// Change reports whether the entry records a change of the key, the account or the customer.
func (e Entry) Change() bool { return !e.Counts() && !slices.Contains(noChange, e.Action) }

// noChange are the actions of entries that are in no chain and count nothing.
var noChange = []string{TokenIssued, SignedIn, RecoveryCodeUsed, SessionsEnded, SessionEnded}

// counted are the actions of entries that count.
var counted = []string{Used, Refused, SignInRefused, ProofRefused}

// Counts reports whether the entry counts something, so that it grows.
func (e Entry) Counts() bool {
	return slices.Contains(counted, e.Action)
}
