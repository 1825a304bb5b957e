package factor

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkey/latchkey/shared/secret"
)

// A Vault seals the secrets of authenticator apps, which must be readable, and hashes recovery codes,
// which must not. Its keys come from a secret of its own, which is read when one is first needed.
type Vault struct{ source *secret.Source }

// NewVault makes a Vault.
func NewVault(source *secret.Source) Vault { return Vault{source} }

var errSealed = errors.New("a sealed secret cannot be opened")

// Seal encrypts the secret of a factor with AES-256-GCM: "<version>:<nonce and ciphertext, base64url>".
// It opens as that factor of that user alone.
func (v Vault) Seal(ctx context.Context, f Factor, plain []byte) (string, error) {
	ring, err := v.source.Ring(ctx)
	if err != nil {
		return "", err
	}
	version, value := ring.Current()
	gcm, err := sealer(value)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, gcm.NonceSize())
	_, _ = rand.Read(nonce) // it never fails
	return version + ":" + base64.RawURLEncoding.EncodeToString(gcm.Seal(nonce, nonce, plain, whose(f))), nil
}

// Open decrypts the secret of a factor.
func (v Vault) Open(ctx context.Context, f Factor) ([]byte, error) {
	version := secret.VersionOf(f.Secret)
	ring, err := v.source.RingWith(ctx, version)
	if err != nil {
		return nil, err
	}
	value, ok := ring.Version(version)
	if !ok {
		return nil, fmt.Errorf("%w: there is no version %q of its key", errSealed, version)
	}
	gcm, err := sealer(value)
	if err != nil {
		return nil, err
	}
	sealed, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(f.Secret, version+":"))
	if err != nil || len(sealed) < gcm.NonceSize() {
		return nil, errSealed
	}
	plain, err := gcm.Open(nil, sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():], whose(f))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// Hashes returns what is stored of recovery codes of a user.
func (v Vault) Hashes(ctx context.Context, userID string, codes []string) ([]string, error) {
	ring, err := v.source.Ring(ctx)
	if err != nil {
		return nil, err
	}
	version, value := ring.Current()
	var all []string
	for _, code := range codes {
		hash, err := hashOf(value, userID, code)
		if err != nil {
			return nil, err
		}
		all = append(all, version+":"+hash)
	}
	return all, nil
}

// Match returns the hash, among those that are stored of a user, of a recovery code; "" if it is none.
func (v Vault) Match(ctx context.Context, userID, code string, stored []string) (match string, err error) {
	for _, one := range stored {
		version := secret.VersionOf(one)
		ring, err := v.source.RingWith(ctx, version)
		if err != nil {
			return "", err
		}
		value, ok := ring.Version(version)
		if !ok {
			continue
		}
		hash, err := hashOf(value, userID, code)
		if err != nil {
			return "", err
		}
		if hmac.Equal([]byte(version+":"+hash), []byte(one)) {
			match = one
		}
	}
	return match, nil
}

func sealer(value []byte) (cipher.AEAD, error) {
	key, err := derived(value, "latchkey: the secrets of authenticator apps")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func hashOf(value []byte, userID, code string) (string, error) {
	key, err := derived(value, "latchkey: recovery codes")
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(userID + "\x00" + normal(code)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}

// derived returns a key of 256 bits for one purpose.
func derived(value []byte, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, value, nil, purpose, 32)
}

// whose is the additional data of a sealed secret.
func whose(f Factor) []byte { return []byte(f.UserID + "\x00" + f.ID) }
