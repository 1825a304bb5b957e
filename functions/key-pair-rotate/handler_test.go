package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/keypair"
	"github.com/latchkey/latchkey/shared/rotation"
	"github.com/latchkey/latchkey/shared/rotation/rotationtest"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/token"
)

const public = "arn:public"

// two is Secrets Manager with two secrets: the private keys, and the public ones.
type two struct {
	*rotationtest.Manager
	public *rotationtest.Manager
}

func (m two) PutSecretValue(ctx context.Context, in *secretsmanager.PutSecretValueInput, o ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	if in.ClientRequestToken == nil { // the SDK makes one
		in.ClientRequestToken, in.VersionStages = aws.String(fmt.Sprint(time.Now().UnixNano())), []string{"AWSCURRENT"}
	}
	if *in.SecretId == public {
		return m.public.PutSecretValue(ctx, in, o...)
	}
	return m.Manager.PutSecretValue(ctx, in, o...)
}

type fixture struct {
	t         *testing.T
	m         two
	now       time.Time
	algorithm string
}

func (x *fixture) handler() handler {
	return newHandler(x.m, rotationtest.ARN, public, x.algorithm, 30*24*time.Hour, func() time.Time { return x.now })
}

// deploy has CloudFormation create or update the stack.
func (x *fixture) deploy(kind string) string {
	x.t.Helper()
	var said struct{ Status, Reason string }
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
			x.t.Error(err)
		}
	}))
	defer server.Close()
	event := fmt.Sprintf(`{"RequestType":%q,"ResponseURL":%q,"RequestId":"1","StackId":"s","LogicalResourceId":"KeyPair"}`, kind, server.URL)
	if _, err := x.handler().serve(x.t.Context(), json.RawMessage(event)); err != nil {
		x.t.Fatal(err)
	}
	return said.Status
}

func (x *fixture) rotate() {
	x.t.Helper()
	rotationtest.Rotate(x.t, func(ctx context.Context, in rotation.Request) error {
		event, err := json.Marshal(in)
		if err != nil {
			return err
		}
		_, err = x.handler().serve(ctx, event)
		return err
	})
}

// authorities are a function that signs and a function that verifies, which read the secrets now.
func (x *fixture) authorities() (signs, verifies *token.Authority) {
	x.t.Helper()
	clock := func() time.Time { return x.now }
	keys := token.Keys{Public: secret.NewSource(x.m.public.Text, clock)}
	verifies, err := token.NewAuthorityWith(keys, "https://auth.example.com", "latchkey", clock)
	if err != nil {
		x.t.Fatal(err)
	}
	keys.Private = secret.NewSource(x.m.Text, clock)
	if signs, err = token.NewAuthorityWith(keys, "https://auth.example.com", "latchkey", clock); err != nil {
		x.t.Fatal(err)
	}
	return signs, verifies
}

func newFixture(t *testing.T) *fixture {
	return &fixture{t, two{rotationtest.Empty(), rotationtest.Empty()}, time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), keypair.ES256}
}

func TestDeployingMakesTheFirstPairOnce(t *testing.T) {
	x := newFixture(t)
	if status := x.deploy("Create"); status != "SUCCESS" {
		t.Fatalf("CloudFormation is told %q", status)
	}
	first, _ := x.m.Text(t.Context())
	if ring, err := secret.ParseRing(first); err != nil || len(ring.Versions()) != 1 {
		t.Fatalf("the ring has the versions %v, %v", ring.Versions(), err)
	}
	for _, kind := range []string{"Update", "Create", "Delete"} {
		if status := x.deploy(kind); status != "SUCCESS" {
			t.Errorf("%s: CloudFormation is told %q", kind, status)
		}
		if again, _ := x.m.Text(t.Context()); again != first {
			t.Errorf("%s: the pair was replaced", kind)
		}
	}
}

// In the tenth period the deployment changes its algorithm.
func TestEveryTokenVerifiesThroughManyRotationsAndAChangeOfTheAlgorithm(t *testing.T) {
	const longest, period = 30 * 24 * time.Hour, 3 * 24 * time.Hour
	x := newFixture(t)
	x.deploy("Create")
	signed := map[string]time.Time{}
	algorithms := map[any]int{}
	verifier := func() *token.Authority { _, v := x.authorities(); return v }
	for n := range 25 {
		if n == 10 {
			x.algorithm = keypair.RS256
		}
		late := verifier() // a function that reads the public keys just before the rotation
		if _, err := late.Verify(t.Context(), "a.b.c", token.Access); err == nil {
			t.Fatal("nonsense was taken")
		}
		x.rotate()
		signs, _ := x.authorities()
		text, err := signs.Sign(t.Context(), token.Claims{Type: token.Access, RegisteredClaims: jwt.RegisteredClaims{
			Subject: "usr_A", ID: "jti", IssuedAt: jwt.NewNumericDate(x.now), ExpiresAt: jwt.NewNumericDate(x.now.Add(longest)),
		}})
		if err != nil {
			t.Fatal(err)
		}
		signed[text] = x.now.Add(longest)
		if _, err := late.Verify(t.Context(), text, token.Access); err != nil {
			t.Errorf("period %d: a function that read the keys before the rotation: %v", n, err)
		}
		parsed, _, _ := jwt.NewParser().ParseUnverified(text, jwt.MapClaims{})
		algorithms[parsed.Header["alg"]]++
		x.now = x.now.Add(period)
		for text, until := range signed {
			if _, err := verifier().Verify(t.Context(), text, token.Access); x.now.Before(until) && err != nil {
				t.Fatalf("period %d: a token that is good until %s: %v", n, until, err)
			}
		}
	}
	if algorithms["ES256"] < 10 || algorithms["RS256"] < 10 {
		t.Errorf("tokens by algorithm: %v", algorithms)
	}
	text, _ := x.m.public.Text(t.Context())
	if ring, err := secret.ParseRing(text); err != nil || len(ring.Versions()) > 14 {
		t.Errorf("the public ring has %d versions, %v", len(ring.Versions()), err)
	}
}
