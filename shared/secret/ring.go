// Package secret owns the deployment's two secrets: the pepper under the hashes of
// keys, and the secret that signs tokens. Each is a ring of versions in one Secrets
// Manager value:
//
//	{"current": "2", "1": "…", "2": "…"}
//
// New hashes and tokens use the current version, old ones are still checked with theirs. To
// rotate, add a version and make it current. Drop the old one when nothing needs it any more.
package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// minLen is the minimum length of a secret in bytes: HS256 requires 256 bits (RFC 7518 §3.2).
const minLen = 32

// A Ring holds a secret's versions. The zero Ring holds none and cannot be used.
type Ring struct {
	current  string
	versions map[string]string
	parsed   *sync.Map // version to what Parsed has made of it
}

// ParseRing reads the JSON of a secret. It refuses a secret that is too weak.
func ParseRing(text string) (Ring, error) {
	var doc map[string]string
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return Ring{}, errors.New("secret is not a JSON object of strings") // err could quote it
	}
	current := doc["current"]
	delete(doc, "current")
	if doc[current] == "" {
		return Ring{}, errors.New(`secret: "current" names no version`)
	}
	for version, value := range doc {
		if version == "" {
			return Ring{}, errors.New("secret: a version has no name") // with it a token without kid would be good
		}
		if len(value) < minLen {
			return Ring{}, fmt.Errorf("secret: version %q is shorter than %d bytes", version, minLen)
		}
	}
	return newRing(current, doc), nil
}

func newRing(current string, versions map[string]string) Ring {
	return Ring{current, versions, new(sync.Map)}
}

// Parsed returns what parse makes of the value of a version, which the ring must have. It does so once in a ring: one
// that is read again is parsed again, and a failure is not kept.
func Parsed[T any](r Ring, version string, parse func(value []byte) (T, error)) (T, error) {
	kept, _ := r.parsed.Load(version)
	if made, ok := kept.(T); ok {
		return made, nil
	}
	made, err := parse([]byte(r.versions[version]))
	if err == nil {
		r.parsed.Store(version, made)
	}
	return made, err
}

// Current returns the current version and its value.
func (r Ring) Current() (version string, value []byte) {
	return r.current, []byte(r.versions[r.current])
}

// Version returns the value of one version.
func (r Ring) Version(version string) ([]byte, bool) {
	value, ok := r.versions[version]
	return []byte(value), ok
}

// Has reports whether the ring has that version.
func (r Ring) Has(version string) bool {
	_, ok := r.versions[version]
	return ok
}

// MAC returns "<version>:<HMAC-SHA-256, base64url>" with the current version.
func (r Ring) MAC(message string) string { return r.mac(r.current, message) }

// MACs returns the MAC under each version, to find a hash that was made with an older one.
func (r Ring) MACs(message string) []string {
	var all []string
	for _, version := range slices.Sorted(maps.Keys(r.versions)) {
		all = append(all, r.mac(version, message))
	}
	return all
}

// VersionOf returns the version with which a MAC was made.
func VersionOf(mac string) string {
	return mac[:max(strings.LastIndexByte(mac, ':'), 0)] // a version's name may have a colon, base64url has none
}

func (r Ring) mac(version, message string) string {
	h := hmac.New(sha256.New, []byte(r.versions[version]))
	h.Write([]byte(message))
	return version + ":" + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
