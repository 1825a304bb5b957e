package factor

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// recoveryCodes is how many codes a user gets at once.
const recoveryCodes = 10

// recoveryAlphabet has no letter that looks like a digit.
var recoveryAlphabet = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)

// NewCodes returns recovery codes, each of 80 random bits, as people see them: abcd-efgh-jkmn-pqrs.
func NewCodes() []string {
	var codes []string
	for range recoveryCodes {
		random := make([]byte, 10)
		_, _ = rand.Read(random) // it never fails
		text := recoveryAlphabet.EncodeToString(random)
		codes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
	}
	return codes
}

// normal returns a recovery code as it is hashed, in whatever way somebody typed it.
func normal(code string) string {
	return strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
}
