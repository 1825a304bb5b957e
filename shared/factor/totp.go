package factor

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238's default, and the only hash that all authenticator apps know; HMAC needs no collision resistance
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

const (
	stepSeconds = 30
	digits      = 6
	window      = 1 // steps before and after the present one whose codes are good: clocks differ (RFC 6238 §5.2)
	secretBytes = 20
)

// NewSecret returns a secret for an authenticator app: 160 random bits (RFC 4226 §4).
func NewSecret() []byte {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // it never fails
	return secret
}

// Base32 returns a secret as people type it.
func Base32(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// URI returns what the QR code of an authenticator app says.
// https://github.com/google/google-authenticator/wiki/Key-Uri-Format
func URI(secret []byte, issuer, account string) string {
	query := url.Values{"secret": {Base32(secret)}, "issuer": {issuer}}
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(account) + "?" + query.Encode()
}

// Step returns the step whose code was given, or 0 if the code is of none of the steps around now. It
// takes the same time for every code.
func Step(secret []byte, code string, now time.Time) (found int64) {
	present := now.Unix() / stepSeconds
	for step := present - window; step <= present+window; step++ {
		if subtle.ConstantTimeCompare([]byte(hotp(secret, step)), []byte(code)) == 1 {
			found = step
		}
	}
	return found
}

// hotp returns the code of a step (RFC 4226 §5.3).
func hotp(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash never fails
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	truncated := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", digits, truncated%1_000_000)
}
