package rehash_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/rehash"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/shared/verification"
)

const (
	before = `{"current":"1","1":"a secret for tests, of more than 32 bytes"}`
	after  = `{"current":"2","1":"a secret for tests, of more than 32 bytes","2":"another secret of more than 32 bytes too"}`
)

func source(text string) *secret.Source {
	return secret.NewSource(func(context.Context) (string, error) { return text, nil }, time.Now)
}

type fixture struct {
	t    *testing.T
	s    *store.Store
	id   string
	full string
}

// setUp makes a key whose hash has version 1.
func setUp(t *testing.T) fixture {
	x := fixture{t: t, s: storetest.New(t), id: apikey.NewID()}
	x.full = apikey.New("gf_", x.id)
	ring, err := secret.ParseRing(before)
	if err != nil {
		t.Fatal(err)
	}
	k := apikey.Key{ID: x.id, Type: apikey.Scoped, Owner: "usr_A", Project: "prj_A", Hash: ring.MAC(x.full), Generation: 1, CreatedAt: time.Now()}
	if err := x.s.CreateKey(t.Context(), k, audit.New(audit.Created, audit.Source{Now: time.Now()}, time.Hour)); err != nil {
		t.Fatal(err)
	}
	return x
}

// line checks the key with the pepper, and returns the log line of the check.
func (x fixture) line(pepper string) string {
	x.t.Helper()
	var log bytes.Buffer
	was := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	defer slog.SetDefault(was)
	found, err := authn.New(x.s, tokentest.Authority(x.t), source(pepper), nil).Identify(x.t.Context(), x.full, authn.Request{Now: time.Now()})
	if err != nil {
		x.t.Fatal(err)
	}
	verification.Check{Key: found.Key, Proven: found.Proven, At: time.Now()}.Print(x.t.Context())
	return log.String()
}

func (x fixture) version() string {
	x.t.Helper()
	k, err := x.s.Key(x.t.Context(), x.id)
	if err != nil {
		x.t.Fatal(err)
	}
	version, _, _ := strings.Cut(k.Hash, ":")
	return version
}

func (x fixture) apply(lines ...string) int {
	x.t.Helper()
	forged, err := rehash.NewApplier(x.s, source(after)).Apply(x.t.Context(), lines)
	if err != nil {
		x.t.Fatal(err)
	}
	return forged
}

func TestKeyGetsTheHashUnderTheCurrentPepperAfterItsNextUse(t *testing.T) {
	x := setUp(t)
	if line := x.line(before); strings.Contains(line, "rehash") {
		t.Errorf("nothing has changed, and the line is %s", line)
	}
	line := x.line(after)
	if x.version() != "1" {
		t.Error("the check itself wrote")
	}
	if forged := x.apply(line, line); forged != 0 {
		t.Errorf("%d statements were called forged", forged)
	}
	if got := x.version(); got != "2" {
		t.Errorf("its hash has version %s", got)
	}
	if line := x.line(after); strings.Contains(line, "rehash") {
		t.Errorf("it has the current version, and the line is %s", line)
	}
}

func TestWhoWritesTheLogCannotGiveAKeyAnotherSecret(t *testing.T) {
	x, other := setUp(t), setUp(t)
	line := x.line(after)
	for name, forged := range map[string]string{
		"another key's":    strings.ReplaceAll(line, x.id, other.id),
		"another new hash": strings.Replace(line, `"to":"2:`, `"to":"2:A`, 1),
		"another old hash": strings.Replace(line, `"from":"1:`, `"from":"1:A`, 1),
		"another seal":     strings.Replace(line, `"seal":"2:`, `"seal":"2:A`, 1),
		"no seal":          `{"msg":"verification","key":"` + x.id + `","rehash":{"from":"1:","to":"2:","seal":"2:"}}`,
	} {
		if n := x.apply(forged); n != 1 {
			t.Errorf("%s: %d statements were called forged", name, n)
		}
	}
	if got := x.version(); got != "1" {
		t.Errorf("its hash has version %s", got)
	}
}

func TestStatementUnderAnOlderPepperIsOutOfDate(t *testing.T) {
	x := setUp(t)
	line := strings.ReplaceAll(x.line(after), `"2:`, `"1:`)
	if n := x.apply(line); n != 0 {
		t.Errorf("%d statements were called forged", n)
	}
	if got := x.version(); got != "1" {
		t.Errorf("its hash has version %s", got)
	}
}

func TestOldSecretInItsGraceIsNotMadeTheKeysOwn(t *testing.T) {
	x := setUp(t)
	k, err := x.s.Key(t.Context(), x.id)
	if err != nil {
		t.Fatal(err)
	}
	_, err = x.s.RegenerateKey(t.Context(), k, "1:hash of the new secret", time.Now().Add(time.Hour).Unix(),
		audit.New(audit.Regenerated, audit.Source{Now: time.Now()}, time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if line := x.line(after); strings.Contains(line, "rehash") {
		t.Errorf("the line is %s", line)
	}
}
