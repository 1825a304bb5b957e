package token_test

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/token"
)

// FuzzToken: of all texts, those that are good are the tokens that were signed, to the letter.
func FuzzToken(f *testing.F) {
	a, err := token.NewAuthority("us", "them", source(ring("1", map[string]string{"1": string(key)})), func() time.Time { return now })
	if err != nil {
		f.Fatal(err)
	}
	var genuine []string
	for _, kind := range []token.Type{token.Session, token.Access, token.Refresh, token.Client, token.Ticket} {
		c := token.Claims{RegisteredClaims: jwt.RegisteredClaims{
			Subject: "usr_A", ID: "jti_A", IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour)),
		}, Type: kind, Scope: "read:events"}
		if kind == token.Ticket {
			c.Run = "run_A"
		}
		raw, err := a.Sign(context.Background(), c)
		if err != nil {
			f.Fatal(err)
		}
		genuine = append(genuine, raw)
		parts := strings.Split(raw, ".")
		none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"1","typ":"JWT"}`))
		for _, text := range []string{raw, raw + "\n", raw + "=", parts[0] + "." + parts[1] + ".", none + "." + parts[1] + ".", none + "." + parts[1] + "." + parts[2], raw + "." + parts[2]} {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, raw string) {
		claims, err := a.Verify(context.Background(), raw, token.Session, token.Access, token.Refresh, token.Client, token.Ticket)
		switch {
		case err == nil && !slices.Contains(genuine, raw):
			t.Fatalf("%q is good, and nobody signed it", raw)
		case err == nil && (claims.Subject != "usr_A" || claims.Scope != "read:events"):
			t.Fatalf("%q: %+v", raw, claims)
		case err != nil && !errors.Is(err, token.ErrInvalid):
			t.Fatalf("%q: %v, want ErrInvalid", raw, err)
		case err != nil && slices.Contains(genuine, raw):
			t.Fatalf("a token of ours is refused: %v", err)
		}
	})
}
