package token_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/keypair"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/token"
)

// A pair is a deployment's key pair, as its two secrets hold it.
type pair struct {
	private, public secret.Ring
	keys            token.Keys
}

func newPair(t testing.TB, algorithm string) *pair {
	t.Helper()
	key, err := keypair.New(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{private: secret.NewRing(time.Now(), algorithm, key)}
	if p.public, err = keypair.PublicRing(p.private); err != nil {
		t.Fatal(err)
	}
	source := func(ring *secret.Ring) *secret.Source {
		return secret.NewSource(func(context.Context) (string, error) { return ring.Text(), nil }, time.Now)
	}
	p.keys = token.Keys{Public: source(&p.public), Private: source(&p.private)}
	return p
}

func pairAuthority(t testing.TB, keys token.Keys) *token.Authority {
	t.Helper()
	a, err := token.NewAuthorityWith(keys, "https://auth.example.com", "latchkey", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func claimsOf(kind token.Type) token.Claims {
	c := token.Claims{Type: kind, ID: "usr_A", SessionID: "s", RegisteredClaims: jwt.RegisteredClaims{
		Subject: "usr_A", ID: "jti", IssuedAt: jwt.NewNumericDate(time.Now()), ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
	}}
	if kind == token.Ticket {
		c.Run = "run"
	}
	return c
}

func signed(t testing.TB, a *token.Authority, c token.Claims) string {
	t.Helper()
	text, err := a.Sign(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// parts reads a token without verifying it.
func parts(t *testing.T, text string) (header map[string]any, claims jwt.MapClaims) {
	t.Helper()
	claims = jwt.MapClaims{}
	parsed, _, err := jwt.NewParser().ParseUnverified(text, claims)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header, claims
}

func TestTokensOfAKeyPairVerifyWithThePublicKeyAlone(t *testing.T) {
	for _, algorithm := range []string{keypair.ES256, keypair.RS256} {
		p := newPair(t, algorithm)
		signer, verifier := pairAuthority(t, p.keys), pairAuthority(t, token.Keys{Public: p.keys.Public})
		for _, kind := range []token.Type{token.Session, token.Access, token.Refresh, token.Client, token.Ticket} {
			claims := claimsOf(kind)
			text := signed(t, signer, claims)
			if _, err := verifier.Verify(t.Context(), text, kind); err != nil {
				t.Errorf("%s, %s: %v", algorithm, kind, err)
			}
			if signed(t, signer, claims) != text {
				t.Errorf("%s, %s: the same claims give two tokens", algorithm, kind)
			}
			if _, err := verifier.Verify(t.Context(), text[:len(text)-8]+"AAAAAAAA", kind); !errors.Is(err, token.ErrInvalid) {
				t.Errorf("%s, %s: another signature: %v", algorithm, kind, err)
			}
		}
	}
}

func TestAccessTokensOfAKeyPairAreThoseOfRFC9068AndNoOthersPassForThem(t *testing.T) {
	a := pairAuthority(t, newPair(t, keypair.ES256).keys)
	for _, kind := range []token.Type{token.Session, token.Access, token.Client} {
		header, claims := parts(t, signed(t, a, claimsOf(kind)))
		if header["typ"] != "at+jwt" || header["alg"] != "ES256" {
			t.Errorf("%s: the header is %v", kind, header)
		}
		for _, name := range []string{"iss", "exp", "aud", "sub", "client_id", "iat", "jti"} { // RFC 9068 §2.2
			if claims[name] == nil || claims[name] == "" {
				t.Errorf("%s: there is no %s", kind, name)
			}
		}
	}
	for _, kind := range []token.Type{token.Refresh, token.Ticket} {
		header, claims := parts(t, signed(t, a, claimsOf(kind)))
		if header["typ"] == "at+jwt" {
			t.Errorf("%s: it has the header of an access token", kind)
		}
		if audience, _ := claims.GetAudience(); len(audience) != 1 || audience[0] == "latchkey" {
			t.Errorf("%s: its audience is %v, so an API takes it for an access token", kind, audience)
		}
	}
}

// forge signs with a method and key of its own choice, under the name of another key.
func forge(t *testing.T, method jwt.SigningMethod, key any, kid, typ string, c jwt.Claims) string {
	t.Helper()
	made := jwt.NewWithClaims(method, c)
	made.Header["kid"], made.Header["typ"] = kid, typ
	text, err := made.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheKeysNameAndNotTheTokenDecidesAboutTheAlgorithm(t *testing.T) {
	p := newPair(t, keypair.ES256)
	p.keys.Secret = secrettest.Source()
	a := pairAuthority(t, p.keys)
	good := signed(t, a, claimsOf(token.Access))
	_, claims := parts(t, good)
	kid, public := p.public.Current()
	other, err := keypair.New(keypair.RS256)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, _, err := keypair.Private([]byte(other))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"HS256 with the public key":  forge(t, jwt.SigningMethodHS256, public, kid, "at+jwt", claims),
		"RS256 with another key":     forge(t, jwt.SigningMethodRS256, rsaKey, kid, "at+jwt", claims),
		"no algorithm":               forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, kid, "at+jwt", claims),
		"HS256 in the secret's name": forge(t, jwt.SigningMethodHS256, public, "1", "at+jwt", claims),
		"no such key":                strings.Replace(good, good[:strings.Index(good, ".")], jwtHeader(t, "20200101T000000Z-ES256"), 1),
	} {
		if _, err := a.Verify(t.Context(), text, token.Access); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func jwtHeader(t *testing.T, kid string) string {
	t.Helper()
	text := forge(t, jwt.SigningMethodHS256, []byte("x"), kid, "at+jwt", jwt.MapClaims{})
	return text[:strings.Index(text, ".")]
}

func TestTokensOfTheAlgorithmBeforeAreGoodAsLongAsItIsAccepted(t *testing.T) {
	p := newPair(t, keypair.ES256)
	hs256 := signed(t, pairAuthority(t, token.Keys{Secret: secrettest.Source()}), claimsOf(token.Refresh))
	es256 := signed(t, pairAuthority(t, p.keys), claimsOf(token.Refresh))
	for name, c := range map[string]struct {
		keys         token.Keys
		hs256, es256 bool
	}{
		"before":                     {token.Keys{Secret: secrettest.Source()}, true, false},
		"both accepted, HS256 signs": {token.Keys{Secret: secrettest.Source(), Public: p.keys.Public}, true, true},
		"both accepted, ES256 signs": {token.Keys{Secret: secrettest.Source(), Public: p.keys.Public, Private: p.keys.Private}, true, true},
		"after":                      {p.keys, false, true},
	} {
		a := pairAuthority(t, c.keys)
		if _, err := a.Verify(t.Context(), hs256, token.Refresh); (err == nil) != c.hs256 {
			t.Errorf("%s: a token of HS256: %v", name, err)
		}
		if _, err := a.Verify(t.Context(), es256, token.Refresh); (err == nil) != c.es256 {
			t.Errorf("%s: a token of ES256: %v", name, err)
		}
	}
}

func TestPublicKeysThatCannotBeReadSayNothingAboutAToken(t *testing.T) {
	p := newPair(t, keypair.ES256)
	text := signed(t, pairAuthority(t, p.keys), claimsOf(token.Access))
	down := secret.NewSource(func(context.Context) (string, error) { return "", errors.New("down") }, time.Now)
	_, err := pairAuthority(t, token.Keys{Public: down}).Verify(t.Context(), text, token.Access)
	if err == nil || errors.Is(err, token.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}
