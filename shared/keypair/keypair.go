// Package keypair owns the keys that sign tokens with ES256 or RS256. They are in two rings with
// the same versions (see package secret): the private keys, which only functions that sign may
// read, and the public keys, which everybody may know.
//
// A key is the base64 of its DER form: PKCS #8 (RFC 5958) or SubjectPublicKeyInfo (RFC 5280). Its
// algorithm follows from the key, and is also in the version's name: "20300102T030405Z-ES256".
package keypair

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/latchkey/latchkey/shared/secret"
)

// The algorithms (RFC 7518 §3.1).
const (
	ES256 = "ES256"
	RS256 = "RS256"
)

// rsaBits is the size of a new RSA key, and the least that RFC 7518 §3.3 allows.
const rsaBits = 2048

// New makes a private key for an algorithm.
func New(algorithm string) (string, error) {
	var key crypto.Signer
	var err error
	switch algorithm {
	case ES256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RS256:
		key, err = rsa.GenerateKey(rand.Reader, rsaBits)
	default:
		return "", fmt.Errorf("keypair: there is no algorithm %q", algorithm)
	}
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return base64.StdEncoding.EncodeToString(der), err
}

// ErrUnreadable reports a key that cannot be used. Its cause stays out, because it may quote the key.
var ErrUnreadable = errors.New("keypair: not a key for ES256 or RS256")

// Private reads a private key, and returns its algorithm too.
func Private(text []byte) (key crypto.Signer, algorithm string, err error) {
	der, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return nil, "", ErrUnreadable
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, "", ErrUnreadable
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, "", ErrUnreadable
	}
	algorithm, err = algorithmOf(key.Public())
	return key, algorithm, err
}

// Public reads a public key, and returns its algorithm too.
func Public(text []byte) (key crypto.PublicKey, algorithm string, err error) {
	der, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return nil, "", ErrUnreadable
	}
	if key, err = x509.ParsePKIXPublicKey(der); err != nil {
		return nil, "", ErrUnreadable
	}
	algorithm, err = algorithmOf(key)
	return key, algorithm, err
}

// algorithmOf returns the one algorithm that a key is used with.
func algorithmOf(key crypto.PublicKey) (string, error) {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return ES256, nil
		}
	case *rsa.PublicKey:
		if k.N.BitLen() >= rsaBits {
			return RS256, nil
		}
	}
	return "", ErrUnreadable
}

// PublicRing returns the public keys of a ring of private keys.
func PublicRing(private secret.Ring) (secret.Ring, error) {
	return private.Map(func(text []byte) (string, error) {
		key, _, err := Private(text)
		if err != nil {
			return "", err
		}
		der, err := x509.MarshalPKIXPublicKey(key.Public())
		return base64.StdEncoding.EncodeToString(der), err
	})
}
