package token_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
)

var (
	now = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	key = []byte(strings.Repeat("k", 32))
	ctx = context.Background()
)

func source(text string) *secret.Source {
	return secret.NewSource(func(context.Context) (string, error) { return text, nil }, func() time.Time { return now })
}

func ring(current string, versions map[string]string) string {
	text := `{"current":"` + current + `"`
	for v, value := range versions {
		text += `,"` + v + `":"` + value + `"`
	}
	return text + "}"
}

func authority(t *testing.T, text string, at time.Time) *token.Authority {
	t.Helper()
	a, err := token.NewAuthority("us", "them", source(text), func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func claims() jwt.MapClaims {
	return jwt.MapClaims{
		"iss": "us", "aud": "them", "sub": "usr_A", "jti": "1", "typ": "access", "sid": "ses_A",
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
}

func sign(t *testing.T, method jwt.SigningMethod, with any, kid any, c jwt.MapClaims) string {
	t.Helper()
	made := jwt.NewWithClaims(method, c)
	if kid != nil {
		made.Header["kid"] = kid
	}
	text, err := made.SignedString(with)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestForgedTokensAreInvalid(t *testing.T) {
	a := authority(t, ring("1", map[string]string{"1": string(key)}), now)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	genuine := sign(t, jwt.SigningMethodHS256, key, "1", claims())
	if _, err := a.Verify(ctx, genuine, token.Access); err != nil {
		t.Fatalf("a good token: %v", err)
	}
	parts := strings.Split(genuine, ".")
	other := strings.Split(sign(t, jwt.SigningMethodHS256, key, "1", jwt.MapClaims{"sub": "usr_B"}), ".")
	enc := base64.RawURLEncoding.EncodeToString
	for name, raw := range map[string]string{
		"alg none":              sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "1", claims()),
		"alg None":              enc([]byte(`{"alg":"None","kid":"1"}`)) + "." + parts[1] + ".",
		"HS512":                 sign(t, jwt.SigningMethodHS512, key, "1", claims()),
		"HS384":                 sign(t, jwt.SigningMethodHS384, key, "1", claims()),
		"RS256":                 sign(t, jwt.SigningMethodRS256, rsaKey, "1", claims()),
		"HS256's MAC as RS256":  enc([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + parts[1] + "." + parts[2],
		"another secret":        sign(t, jwt.SigningMethodHS256, []byte(strings.Repeat("x", 32)), "1", claims()),
		"empty secret":          sign(t, jwt.SigningMethodHS256, []byte{}, "1", claims()),
		"unknown kid":           sign(t, jwt.SigningMethodHS256, key, "9", claims()),
		"empty secret, no kid":  sign(t, jwt.SigningMethodHS256, []byte{}, nil, claims()),
		"empty secret, odd kid": sign(t, jwt.SigningMethodHS256, []byte{}, "current", claims()),
		"no kid":                sign(t, jwt.SigningMethodHS256, key, nil, claims()),
		"kid not text":          sign(t, jwt.SigningMethodHS256, key, 1, claims()),
		"another's claims":      parts[0] + "." + other[1] + "." + parts[2],
		"no signature":          parts[0] + "." + parts[1] + ".",
		"bits after the end":    genuine[:len(genuine)-1] + nextBits(genuine[len(genuine)-1]),
		"padding":               genuine + "=",
		"CR in the signature":   genuine[:len(genuine)-5] + "\r" + genuine[len(genuine)-5:],
		"LF at the end":         genuine + "\n",
		"CR and LF in front":    "\r\n" + genuine,
		"LF in the claims":      parts[0] + "." + parts[1][:8] + "\n" + parts[1][8:] + "." + parts[2],
		"LF in the header":      parts[0][:8] + "\n" + parts[0][8:] + "." + parts[1] + "." + parts[2],
		"space at the end":      genuine + " ",
		"two parts":             parts[0] + "." + parts[1],
		"nothing":               "..",
		"payload is no object":  enc([]byte(`{"alg":"HS256","kid":"1"}`)) + "." + enc([]byte(`[]`)) + ".AAAA",
	} {
		if _, err := a.Verify(ctx, raw, token.Access); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// nextBits is another last character that decodes to the same bytes if nobody is strict.
func nextBits(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, c)^1])
}

func TestEveryClaimIsRequired(t *testing.T) {
	a := authority(t, ring("1", map[string]string{"1": string(key)}), now)
	for _, name := range []string{"iss", "aud", "sub", "jti", "typ", "iat", "exp"} {
		for what, value := range map[string]any{"missing": nil, "empty": "", "wrong type": []int{1}} {
			c := claims()
			if c[name] = value; value == nil {
				delete(c, name)
			}
			if _, err := a.Verify(ctx, sign(t, jwt.SigningMethodHS256, key, "1", c), token.Access); !errors.Is(err, token.ErrInvalid) {
				t.Errorf("%s %s: %v", name, what, err)
			}
		}
	}
	for name, value := range map[string]string{"iss": "you", "aud": "others", "typ": "refresh"} {
		c := claims()
		c[name] = value
		if _, err := a.Verify(ctx, sign(t, jwt.SigningMethodHS256, key, "1", c), token.Session, token.Access, token.Client); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s %s: %v", name, value, err)
		}
	}
}

// A ticket without a run would be one for no run or for all; a run in any other token says nothing.
func TestTicketIsForARunAndNoOtherTokenIs(t *testing.T) {
	a := authority(t, ring("1", map[string]string{"1": string(key)}), now)
	for _, row := range []struct {
		typ, run string
		want     error
	}{{"ticket", "run_1", nil}, {"ticket", "", token.ErrInvalid}, {"access", "run_1", token.ErrInvalid}, {"access", "", nil}} {
		c := claims()
		c["typ"] = row.typ
		if row.run != "" {
			c["run"] = row.run
		}
		_, err := a.Verify(ctx, sign(t, jwt.SigningMethodHS256, key, "1", c), token.Access, token.Ticket)
		if !errors.Is(err, row.want) {
			t.Errorf("%s with run %q: %v, want %v", row.typ, row.run, err, row.want)
		}
	}
}

func TestExpiredIsSaidOnlyOfOurOwnTokens(t *testing.T) {
	text := ring("1", map[string]string{"1": string(key)})
	raw := sign(t, jwt.SigningMethodHS256, key, "1", claims())
	forged := sign(t, jwt.SigningMethodHS256, []byte(strings.Repeat("x", 32)), "1", claims())
	if _, err := authority(t, text, now.Add(time.Hour-time.Second)).Verify(ctx, raw, token.Access); err != nil {
		t.Errorf("in its last second: %v", err)
	}
	late := authority(t, text, now.Add(time.Hour))
	if _, err := late.Verify(ctx, raw, token.Access); !errors.Is(err, token.ErrExpired) {
		t.Errorf("expired: %v", err)
	}
	if _, err := late.Verify(ctx, forged, token.Access); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("forged and expired: %v", err)
	}
}

func TestTokenOfAnOlderSecretIsGoodWhileTheRingHasIt(t *testing.T) {
	old, fresh := string(key), strings.Repeat("n", 32)
	c := token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: "usr_A", ID: "1", IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour))},
		Type:             token.Access,
	}
	raw, err := authority(t, ring("1", map[string]string{"1": old}), now).Sign(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := authority(t, ring("2", map[string]string{"1": old, "2": fresh}), now).Verify(ctx, raw, token.Access); err != nil {
		t.Errorf("while it is there: %v", err)
	}
	if _, err := authority(t, ring("2", map[string]string{"2": fresh}), now).Verify(ctx, raw, token.Access); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("once it is gone: %v", err)
	}
	if _, err := authority(t, ring("1", map[string]string{"1": fresh}), now).Verify(ctx, raw, token.Access); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("another secret of the same name: %v", err)
	}
}

func TestUnreadableSecretIsNoVerdictOnTheToken(t *testing.T) {
	raw := sign(t, jwt.SigningMethodHS256, key, "1", claims())
	_, err := authority(t, `{"current":"1","1":"short"}`, now).Verify(ctx, raw, token.Access)
	if err == nil {
		t.Error("the token is good by a secret that cannot be read")
	}
	expect.Same(t, "that the token is called invalid", errors.Is(err, token.ErrInvalid), false)
	expect.Same(t, "that the token is called expired", errors.Is(err, token.ErrExpired), false)
}

func TestSigningWantsAllThatVerifyingChecks(t *testing.T) {
	a := authority(t, ring("1", map[string]string{"1": string(key)}), now)
	if raw, err := a.Sign(ctx, token.Claims{}); err == nil {
		t.Errorf("signed %s", raw)
	}
	if _, err := token.NewAuthority("", "them", source(""), time.Now); err == nil {
		t.Error("no issuer, and yet an authority")
	}
	if _, err := token.NewAuthority("us", "", source(""), time.Now); err == nil {
		t.Error("no audience, and yet an authority")
	}
}

func TestTokensOfAFormerIssuerStayGoodAndOfNobodyElse(t *testing.T) {
	text := ring("1", map[string]string{"1": string(key)})
	at := func() time.Time { return now }
	a, err := token.NewAuthority("https://auth.example.com", "them", source(text), at, "urn:latchkey:us")
	if err != nil {
		t.Fatal(err)
	}
	for issuer, want := range map[string]error{
		"https://auth.example.com": nil, "urn:latchkey:us": nil,
		"": token.ErrInvalid, "https://auth.example.com/": token.ErrInvalid, "urn:latchkey:us:other": token.ErrInvalid, "URN:latchkey:us": token.ErrInvalid,
	} {
		c := claims()
		c["iss"] = issuer
		if _, err := a.Verify(ctx, sign(t, jwt.SigningMethodHS256, key, "1", c), token.Access); !errors.Is(err, want) {
			t.Errorf("issuer %q: %v, want %v", issuer, err, want)
		}
	}
	c := claims()
	c["iss"] = []string{"urn:latchkey:us"}
	if _, err := a.Verify(ctx, sign(t, jwt.SigningMethodHS256, key, "1", c), token.Access); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("a list of issuers: %v", err)
	}
	if _, err := token.NewAuthority("us", "them", source(text), at, ""); err == nil {
		t.Error("an empty former issuer is taken")
	}
}
