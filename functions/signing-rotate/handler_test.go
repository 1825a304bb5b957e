package main

import (
	"context"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/rotation"
	"github.com/latchkey/latchkey/shared/rotation/rotationtest"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/token"
)

const (
	longest = 30 * 24 * time.Hour
	period  = 24 * time.Hour
)

func TestEveryTokenVerifiesUntilItExpiresThroughManyRotations(t *testing.T) {
	m := rotationtest.New(`{"current":"1","1":"a secret for tests, of more than 32 bytes"}`)
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	clock := func() time.Time { return now }
	r := rotation.New(m, rotationtest.ARN, keeping(longest, clock))
	// One function reads the secret late, so it signs with what it read almost five minutes ago.
	late, err := token.NewAuthority("urn:latchkey:test", "latchkey", secret.NewSource(m.Text, clock), clock)
	if err != nil {
		t.Fatal(err)
	}
	signed := map[string]time.Time{}
	kids := map[string]bool{}
	sign := func() {
		text, err := late.Sign(t.Context(), token.Claims{Type: token.Session, SessionID: "s", RegisteredClaims: jwt.RegisteredClaims{
			Subject: "usr_A", ID: "jti", IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(longest)),
		}})
		if err != nil {
			t.Fatal(err)
		}
		signed[text] = now.Add(longest)
	}
	for range 45 {
		sign()
		rotationtest.Rotate(t, func(ctx context.Context, in rotation.Request) error { return r.Serve(ctx, in) })
		now = now.Add(4 * time.Minute)
		sign()
		now = now.Add(period - 4*time.Minute)
		fresh, err := token.NewAuthority("urn:latchkey:test", "latchkey", secret.NewSource(m.Text, clock), clock)
		if err != nil {
			t.Fatal(err)
		}
		for text, until := range signed {
			_, err := fresh.Verify(t.Context(), text, token.Session)
			if now.Before(until) && err != nil {
				t.Fatalf("at %s a token that is good until %s: %v", now, until, err)
			}
			parsed, _, _ := jwt.NewParser().ParseUnverified(text, jwt.MapClaims{})
			kids[parsed.Header["kid"].(string)] = true
		}
	}
	if len(kids) < 40 {
		t.Errorf("the tokens of 45 periods were signed with %d versions", len(kids))
	}
	text, _ := m.Text(t.Context())
	if ring, err := secret.ParseRing(text); err != nil || len(ring.Versions()) > 35 {
		t.Errorf("the ring has %d versions, %v", len(ring.Versions()), err)
	}
}
