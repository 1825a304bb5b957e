package token_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/token"
)

// RFC 8725, JSON Web Token Best Current Practices, and what keeps each of its rules here:
//
//	3.1  the algorithm is verified         TestForgedTokensAreInvalid: none, HS384, HS512, RS256
//	3.2  appropriate algorithms            the same, and TestNoOtherAlgorithmIsTakenWhateverItIsCalled
//	3.3  all operations are validated      TestEverySignatureThatWycheproofCallsInvalidIsRefusedAndEveryValidHS256IsNot
//	3.4  cryptographic inputs              no key agreement; TestEveryKeyThatWycheproofCallsInvalidIsRefused
//	3.5  keys with enough entropy          TestWeakOrUnreadableSecretIsRefusedAndNotQuoted (shared/secret)
//	3.6  no compression before encryption  nothing is encrypted: TestEncryptedTokenIsRefused
//	3.7  UTF-8                             TestTokenInAnotherEncodingThanUTF8IsRefused
//	3.8  issuer and subject                TestEveryClaimIsRequired, TestTokensOfAFormerIssuerStayGoodAndOfNobodyElse,
//	                                       TestTokenOfOneUserForTheSessionOfAnotherIsRefused (authorizer)
//	3.9  audience                          TestEveryClaimIsRequired
//	3.10 received claims are not trusted   TestKeyThatATokenBringsOrPointsToIsNotUsed
//	3.11 explicit typing                   TestTokenOfOneTypeIsNoneOfAnother
//	3.12 rules that exclude each other     the same, TestTicketIsForARunAndNoOtherTokenIs

func signedBy(header, payload string) string {
	enc := base64.RawURLEncoding.EncodeToString
	text := enc([]byte(header)) + "." + enc([]byte(payload))
	mac, err := jwt.SigningMethodHS256.Sign(text, key)
	if err != nil {
		panic(err)
	}
	return text + "." + enc(mac)
}

// goodPayload is what a token of ours says, so that only the header can be the reason to refuse it.
const goodPayload = `{"iss":"us","aud":"them","sub":"usr_A","jti":"1","typ":"access","sid":"ses_A","iat":1893553445,"exp":1893557045}`

func verify(t *testing.T, raw string) error {
	t.Helper()
	_, err := authority(t, ring("1", map[string]string{"1": string(key)}), now).Verify(ctx, raw, token.Access)
	return err
}

func TestNoOtherAlgorithmIsTakenWhateverItIsCalled(t *testing.T) {
	if err := verify(t, signedBy(`{"alg":"HS256","kid":"1"}`, goodPayload)); err != nil {
		t.Fatalf("a good token: %v", err)
	}
	for _, header := range []string{
		`{"alg":"none","kid":"1"}`, `{"alg":"NONE","kid":"1"}`, `{"alg":"hs256","kid":"1"}`, `{"alg":"HS256 ","kid":"1"}`, `{"alg":"","kid":"1"}`,
		`{"alg":null,"kid":"1"}`, `{"alg":["HS256"],"kid":"1"}`, `{"ALG":"HS256","kid":"1"}`, `{"kid":"1"}`, `{"alg":"dir","kid":"1"}`,
		`{"alg":"HS256","alg":"none","kid":"1"}`, `{"alg":"HS256","kid":"1","crit":["b64"],"b64":true}`, `{"alg":"HS256","kid":"1"} x`, `[]`, `null`, ``,
	} {
		if err := verify(t, signedBy(header, goodPayload)); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s: %v", header, err)
		}
	}
}

func TestEncryptedTokenIsRefused(t *testing.T) {
	enc := base64.RawURLEncoding.EncodeToString
	for _, header := range []string{`{"alg":"dir","enc":"A256GCM","kid":"1"}`, `{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","zip":"DEF","p2c":2000000000,"kid":"1"}`} {
		raw := strings.Join([]string{enc([]byte(header)), "", enc([]byte("iv")), enc([]byte("text")), enc([]byte("tag"))}, ".")
		if err := verify(t, raw); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s: %v", header, err)
		}
	}
}

func TestTokenInAnotherEncodingThanUTF8IsRefused(t *testing.T) {
	wide := func(text string) string {
		var b strings.Builder
		for _, c := range utf16.Encode([]rune(text)) {
			b.WriteByte(byte(c))
			b.WriteByte(byte(c >> 8))
		}
		return b.String()
	}
	const header = `{"alg":"HS256","kid":"1"}`
	for name, raw := range map[string]string{
		"a header in UTF-16":           signedBy(wide(header), goodPayload),
		"claims in UTF-16":             signedBy(header, wide(goodPayload)),
		"a byte order mark":            signedBy(header, "\ufeff"+goodPayload),
		"a header that is no UTF-8":    signedBy("{\"alg\":\"HS256\",\"kid\":\"1\",\"x\":\"\xc0\xae\"}", goodPayload),
		"a claim that is no UTF-8":     signedBy(header, strings.Replace(goodPayload, "usr_A", "usr_\xff", 1)),
		"a claim that is too long UTF": signedBy(header, strings.Replace(goodPayload, "usr_A", "usr_\xc1\x81", 1)),
	} {
		if err := verify(t, raw); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The forger signs with a key of their own, and the header says where to find it, or looks it up.
func TestKeyThatATokenBringsOrPointsToIsNotUsed(t *testing.T) {
	forger := []byte(strings.Repeat("f", 32))
	for _, header := range []map[string]any{
		{"kid": "1", "jwk": map[string]any{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString(forger)}},
		{"kid": "1", "jku": "https://forger.example/jwks.json"}, {"kid": "1", "x5u": "https://forger.example/x"}, {"kid": "1", "x5c": []string{"AAAA"}},
		{"kid": "../../dev/null"}, {"kid": "1' OR '1'='1"}, {"kid": "current"}, {"kid": ""}, {"kid": "1\x00"}, {"kid": strings.Repeat("1", 100_000)},
	} {
		made := jwt.NewWithClaims(jwt.SigningMethodHS256, claims())
		for name, value := range header {
			made.Header[name] = value
		}
		raw, err := made.SignedString(forger)
		if err != nil {
			t.Fatal(err)
		}
		if err := verify(t, raw); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%.80v: %v", header, err)
		}
	}
}

func TestTokenOfOneTypeIsNoneOfAnother(t *testing.T) {
	a := authority(t, ring("1", map[string]string{"1": string(key)}), now)
	types := []token.Type{token.Session, token.Access, token.Refresh, token.Client, token.Ticket}
	for _, made := range types {
		c := token.Claims{RegisteredClaims: jwt.RegisteredClaims{
			Subject: "usr_A", ID: "1", IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour)),
		}, Type: made}
		if made == token.Ticket {
			c.Run = "run_A"
		}
		raw, err := a.Sign(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		for _, wanted := range types {
			if _, err := a.Verify(ctx, raw, wanted); (err == nil) != (made == wanted) {
				t.Errorf("a token of type %s where one of type %s is wanted: %v", made, wanted, err)
			}
		}
		if _, err := a.Verify(ctx, raw); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("a token of type %s where none is wanted: %v", made, err)
		}
	}
}
