package imported

import (
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // only to check what others hashed with it
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash"
	"strconv"
	"strings"
)

var digests = map[string]func() hash.Hash{"pbkdf2": sha1.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}

func parsePBKDF2(text string) (check, error) {
	parts := strings.Split(strings.TrimPrefix(text, "$"), "$")
	if len(parts) != 4 {
		return nil, ErrForm
	}
	name, salt, key := parts[0], []byte(parts[2]), []byte(nil)
	var saltErr, keyErr error
	if django, ok := strings.CutPrefix(name, "pbkdf2_"); ok { // its salt is text
		name = django
		key, keyErr = base64.StdEncoding.Strict().DecodeString(parts[3])
	} else {
		name = strings.TrimPrefix(name, "pbkdf2-")
		salt, saltErr = decode(parts[2])
		key, keyErr = decode(parts[3])
	}
	digest := digests[name]
	iterations, err := strconv.Atoi(strings.TrimPrefix(parts[1], "i="))
	if digest == nil || err != nil || saltErr != nil || keyErr != nil || !bounded(salt, key) {
		return nil, ErrForm
	}
	if iterations < minIterations || iterations > maxIterations {
		return nil, fmt.Errorf("PBKDF2's iterations must be from %d to %d", minIterations, maxIterations)
	}
	return func(password string) (bool, error) {
		got, err := pbkdf2.Key(digest, password, salt, iterations, len(key))
		return subtle.ConstantTimeCompare(got, key) == 1, err
	}, nil
}

// decode reads PHC's base64, which has no padding, and passlib's, which has a dot for the plus.
func decode(text string) ([]byte, error) {
	return base64.RawStdEncoding.Strict().DecodeString(strings.ReplaceAll(text, ".", "+"))
}
