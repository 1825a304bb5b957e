// Package link owns the links by which people choose a password, or show that an e-mail address is theirs.
//
//	<the API>/dashboard#/reset?token=lnk_…
//
// The token is behind the #, so no server and no scanner of mail ever gets it with a GET. The page sends it
// when the person submits, and only that uses it up. The user's item has a hash of the newest token of each
// purpose, so that an older one opens nothing.
package link

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/randomid"
)

// A Purpose is what a link is for.
type Purpose string

const (
	Reset        Purpose = "reset"
	Invitation   Purpose = "invitation" // the first password of somebody whom an administrator registered
	Verification Purpose = "verification"
)

// Purposes are all of them.
var Purposes = []Purpose{Reset, Invitation, Verification}

// Lifetime is how long a link is good.
func (p Purpose) Lifetime() time.Duration {
	switch p {
	case Invitation:
		return 7 * 24 * time.Hour
	case Verification:
		return 24 * time.Hour
	}
	return 30 * time.Minute
}

// page is the dashboard's, by its route.
func (p Purpose) page() string {
	if p == Verification {
		return "verify"
	}
	return string(p)
}

// A Link is what a user's item keeps of one.
type Link struct {
	Hash      string `dynamodbav:"hash"`
	ExpiresAt int64  `dynamodbav:"expires_at"` // epoch seconds
}

// Good reports whether a token is that of the link, and the link has not expired. A nil Link has none.
func (l *Link) Good(t Token, now time.Time) bool {
	return l != nil && now.Unix() < l.ExpiresAt && subtle.ConstantTimeCompare([]byte(l.Hash), []byte(t.Hash())) == 1
}

const (
	prefix     = "lnk_"
	userPrefix = "usr_"
	part       = 26 // characters of rand.Text, 130 bits
)

// A Token is the secret of a link: the user's id, and 260 bits from crypto/rand.
type Token struct {
	UserID string
	text   string
}

// New makes a link of a user, and its token.
func New(userID string, p Purpose, now time.Time) (Link, Token) {
	t := Token{userID, prefix + strings.TrimPrefix(userID, userPrefix) + rand.Text() + rand.Text()}
	return Link{t.Hash(), now.Add(p.Lifetime()).Unix()}, t
}

// Parse reads a token. ok is false if it cannot be one.
func Parse(text string) (t Token, ok bool) {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok || len(rest) != 3*part {
		return Token{}, false
	}
	for i := range 3 {
		ok = ok && randomid.Valid("", rest[i*part:(i+1)*part])
	}
	return Token{userPrefix + rest[:part], text}, ok
}

// Hash is what is stored of a token. It has 260 random bits, so nothing slower is needed.
func (t Token) Hash() string {
	sum := sha256.Sum256([]byte(t.text))
	return hex.EncodeToString(sum[:])
}

// Address returns the address of the link, in the dashboard of the API at base.
func (t Token) Address(base string, p Purpose) string {
	return strings.TrimSuffix(base, "/") + "/dashboard#/" + p.page() + "?token=" + t.text
}
