package token_test

import (
	"context"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/keypair"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/token/tokentest"
)

func BenchmarkVerify(b *testing.B) {
	a, now := tokentest.Authority(b), time.Now()
	raw, err := a.Sign(context.Background(), token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", ID: "jti_AAAAAAAAAAAAAAAAAAAAAAAAAA",
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour)),
		},
		Type: token.Access, ID: "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", Email: "somebody@example.com", Role: "member",
		SessionID: "ses_AAAAAAAAAAAAAAAAAAAAAAAAAA", Scope: "read:events write:events read:campaigns write:campaigns read:stats",
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Verify(context.Background(), raw, token.Session, token.Access, token.Client); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkKeyPair signs and verifies with a key pair, which is parsed once.
func BenchmarkKeyPair(b *testing.B) {
	for _, algorithm := range []string{keypair.ES256, keypair.RS256} {
		a := pairAuthority(b, newPair(b, algorithm).keys)
		raw := signed(b, a, claimsOf(token.Access))
		b.Run(algorithm+"/sign", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				signed(b, a, claimsOf(token.Access))
			}
		})
		b.Run(algorithm+"/verify", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.Verify(context.Background(), raw, token.Access); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
