package keypair

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"math/big"

	"github.com/latchkey/latchkey/shared/secret"
)

// A Set is a JWK Set (RFC 7517 §5).
type Set struct {
	Keys []JWK `json:"keys"`
}

// A JWK is a public key (RFC 7517 §4, RFC 7518 §6.2 and §6.3).
type JWK struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	Curve     string `json:"crv,omitempty"`
	X         string `json:"x,omitempty"`
	Y         string `json:"y,omitempty"`
	N         string `json:"n,omitempty"`
	E         string `json:"e,omitempty"`
}

// SetOf returns the JWK Set of a ring of public keys. It has the key that will be used next, too:
// a verifier that keeps the set for a while knows it before a token is signed with it.
func SetOf(public secret.Ring) (Set, error) {
	set := Set{Keys: []JWK{}}
	for _, version := range public.Versions() {
		text, _ := public.Version(version)
		key, algorithm, err := Public(text)
		if err != nil {
			return Set{}, fmt.Errorf("version %q: %w", version, err)
		}
		jwk := JWK{Use: "sig", Algorithm: algorithm, ID: version}
		switch k := key.(type) {
		case *ecdsa.PublicKey:
			point, err := k.Bytes() // 4, and two coordinates of 32 bytes
			if err != nil {
				return Set{}, err
			}
			jwk.Type, jwk.Curve, jwk.X, jwk.Y = "EC", "P-256", encode(point[1:33]), encode(point[33:])
		case *rsa.PublicKey:
			jwk.Type, jwk.N, jwk.E = "RSA", encode(k.N.Bytes()), encode(big.NewInt(int64(k.E)).Bytes())
		}
		set.Keys = append(set.Keys, jwk)
	}
	return set, nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
