package audit

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/ratelimit"
)

// Actions in the log of an account. Each commits with what it records.
const (
	Registered      = "registered"
	Imported        = "imported"
	Restored        = "restored" // the account was lost, and came back from a restored table
	RoleChanged     = "role_changed"
	Disabled        = "disabled"
	Enabled         = "enabled" // and Deleted, when a deletion begins
	PasswordChanged = "password_changed"
	PasswordReset   = "password_reset"
	LinkMade        = "link_made" // by an administrator, for a password
	AddressVerified = "address_verified"
	FactorAdded     = "factor_added"
	FactorRemoved   = "factor_removed"
	CodesMade       = "recovery_codes_made" // in place of those before
	KeysHandedOver  = "keys_handed_over"    // keys and projects

	// These are in no chain: many people and programs may sign in as one user at the same time, and
	// would wait for each other.
	SignedIn         = "signed_in"
	RecoveryCodeUsed = "recovery_code_used" // in a login, or as a proof
	SessionsEnded    = "sessions_ended"     // all others, by the person
	SessionEnded     = "session_ended"      // one, and not by signing out of it
	SignInRefused    = "sign_in_refused"    // one entry per account, hour, address and reason, with a count
	ProofRefused     = "proof_refused"      // likewise, of somebody who is signed in
)

// Why a sign-in or a proof was refused, or a session ended: the member because of an entry's detail.
const (
	WrongPassword   = "the password was wrong"
	WrongFactor     = "the second factor was wrong"
	AccountDisabled = "the account is disabled"
	TokenUsedAgain  = "a refresh token was used again"
	FactorRequired  = "the user must have a second factor"
)

// How a link that an administrator made reaches the person: the member given of an entry's detail.
const (
	ByMail = "by e-mail"
	ByHand = "to the administrator"
)

// MadeLink returns the entry of a link that s made for somebody, to set a password. Its token is nowhere in it.
func MadeLink(purpose, given string, s Source, retention time.Duration) Entry {
	e := New(LinkMade, s, retention)
	e.Detail = map[string]string{"purpose": purpose, "given": given}
	return e
}

// OfAccount are the members that only the entries of accounts have, and the hash and the salt of those of
// customers. The personal members of an account's entry are Address, UserAgent and Label. The chain does not
// have them, but a hash of them and of a salt: so they can be erased with the person, and the chain stays
// whole (package chain).
type OfAccount struct {
	UserID     string `dynamodbav:"account,omitempty" json:"user_id,omitempty"` // user_id is the key of an index
	Label      string `dynamodbav:"label,omitempty" json:"label,omitempty"`     // of what was added or removed, as the person named it
	Salt       string `dynamodbav:"salt,omitempty" json:"salt,omitempty"`
	PersonHash Hash   `dynamodbav:"person_hash,omitempty" json:"person_hash,omitempty"`
}

// Personal are the members of an account's entry, and the attributes of its item, that are erased
// with the person.
var Personal = []string{"address", "user_agent", "label", "salt"}

// Erased reports whether the personal members of an account's or a customer's entry are gone.
func (e Entry) Erased() bool { return e.PersonHash != nil && e.Salt == "" }

// RefusedSignIn returns the entry that counts a refused sign-in, kept for the duration retention.
// Refusals of one account with the same id share the entry, which has the details of the first.
func RefusedSignIn(because string, s Source, retention time.Duration) Entry {
	s.Actor = Actor{Type: "unknown"}
	return refused(SignInRefused, because, s, retention)
}

// RefusedProof is RefusedSignIn for what somebody who is signed in must prove before a change.
func RefusedProof(because string, s Source, retention time.Duration) Entry {
	return refused(ProofRefused, because, s, retention)
}

func refused(action, because string, s Source, retention time.Duration) Entry {
	e := New(action, s, retention)
	e.At = s.Now.UTC().Truncate(time.Hour)
	e.ID = useID(e.At, action, because, ratelimit.Subject(s.Address))
	e.Detail, e.Count = map[string]string{"because": because}, 1
	return e
}

// MarshalJSON leaves out of an account's or a customer's entry what only those of keys have, and what was erased.
func (e Entry) MarshalJSON() ([]byte, error) {
	type plain Entry
	var none *string
	switch {
	case e.OfACustomer():
		return json.Marshal(struct {
			plain
			KeyID *string `json:"key_id,omitempty"`
			Owner *string `json:"owner_id,omitempty"`
		}{plain(e), none, none})
	case e.UserID == "":
		return json.Marshal(plain(e))
	}
	return json.Marshal(struct {
		plain
		KeyID     *string `json:"key_id,omitempty"`
		Owner     *string `json:"owner_id,omitempty"`
		Project   *string `json:"project_id,omitempty"`
		Address   string  `json:"address,omitempty"`
		UserAgent string  `json:"user_agent,omitempty"`
	}{plain(e), none, none, none, e.Address, e.UserAgent})
}

// AccountLog reports whether an id, of which a log is asked for, is a user's.
func AccountLog(id string) bool { return strings.HasPrefix(id, "usr_") }

// CustomerLog reports whether it is a customer's. The id of a key has no prefix.
func CustomerLog(id string) bool { return strings.HasPrefix(id, "cus_") }
