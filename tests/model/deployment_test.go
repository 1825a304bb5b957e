package model_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/refresh"
	"github.com/latchkey/latchkey/shared/secret"
	sessions "github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

var ctx = context.Background()

const ring = `{"current":"1","1":"a secret for tests, of more than 32 bytes"}`

// A deployment is Latchkey's own code over one table.
type deployment struct {
	store *store.Store
	db    *dynamodb.Client
	table string
	ring  secret.Ring
}

func deploy(t *testing.T) *deployment {
	t.Helper()
	cfg, table := storetest.Table(t)
	cfg.HTTPClient = http.DefaultClient // it waits for its answers however busy the machine is
	r, err := secret.ParseRing(ring)
	if err != nil {
		t.Fatal(err)
	}
	d := &deployment{store.New(cfg, table), dynamodb.NewFromConfig(cfg), table, r}
	if err := d.store.CreateProject(ctx, homeProject); err != nil {
		t.Fatal(err)
	}
	return d
}

// An instance is one of its processes, with a clock of its own.
type instance struct {
	*deployment
	name   string
	clock  func() time.Time
	authn  *authn.Authenticator
	issuer sessions.Issuer
}

// GoString is how a history that failed shows it.
func (i *instance) GoString() string { return i.name }

func (d *deployment) instance(t failer, name string, clock func() time.Time) *instance {
	source := secret.NewSource(func(context.Context) (string, error) { return ring, nil }, clock)
	tokens, err := token.NewAuthority("us", "them", source, clock)
	if err != nil {
		t.Fatal(err)
	}
	return &instance{d, name, clock, authn.New(d.store, tokens, source, nil),
		sessions.Issuer{Tokens: tokens, Access: accessLives, Refresh: refreshLives, Family: familyLives}}
}

// failer is a test, or a history of one.
type failer interface {
	Fatal(...any)
	Fatalf(string, ...any)
	Helper()
}

func (i *instance) entry(action string) audit.Entry {
	return audit.New(action, audit.Source{Now: i.clock()}, time.Hour)
}

// create makes a key as the model describes it, for a customer or for nobody, and gives it its secret. It returns the id.
func (i *instance) create(t failer, k *key, customer string) string {
	t.Helper()
	made := apikey.Key{
		ID: apikey.NewID(), Type: apikey.Scoped, Owner: "usr_A", Project: "prj_A", Scopes: []string{"read:stats"},
		Customer: customer, Generation: 1, CreatedAt: i.clock(),
	}
	if !k.expires.IsZero() {
		made.ExpiresAt = k.expires.Unix()
	}
	if k.addresses.IsValid() {
		made.AllowedIPs = []string{k.addresses.String()}
	}
	made.Read = k.limit
	if k.quota.limit > 0 {
		made.Quota = quota.New(k.quota.limit, quota.Period(k.quota.period), i.clock())
	}
	k.secret = apikey.New("gf_", made.ID)
	made.Hash = i.ring.MAC(k.secret)
	if err := i.store.CreateKey(ctx, made, i.entry(audit.Created)); err != nil {
		t.Fatal(err)
	}
	return made.ID
}

// change changes a key, and reports whether it could be.
func (i *instance) change(t failer, id string, do func(apikey.Key) error) bool {
	t.Helper()
	k, err := i.store.Key(ctx, id)
	if err == nil {
		err = do(k)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrConflict) {
		t.Fatal(err)
	}
	return err == nil
}

func (i *instance) regenerate(t failer, id string, grace time.Duration) (full string, done bool) {
	t.Helper()
	full = apikey.New("gf_", id)
	return full, i.change(t, id, func(k apikey.Key) error {
		until := int64(0)
		if grace > 0 {
			until = i.clock().Add(grace).Unix()
		}
		_, err := i.store.RegenerateKey(ctx, k, i.ring.MAC(full), until, i.entry(audit.Regenerated))
		return err
	})
}

// login makes a session, and its first pair.
func (i *instance) login(t failer, client string) (sessions.Session, sessions.Pair) {
	t.Helper()
	ses := sessions.New(user.New("ann@example.com", user.Member, i.clock()), refreshLives, "192.0.2.7", client, i.clock())
	if err := i.store.CreateSession(ctx, ses, storetest.Entry(audit.SignedIn)); err != nil {
		t.Fatal(err)
	}
	return ses, i.pair(t, ses)
}

func (i *instance) pair(t failer, ses sessions.Session) sessions.Pair {
	t.Helper()
	p, err := i.issuer.Pair(ctx, ses)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// refresh exchanges a refresh token, as functions/tokens-refresh does.
func (i *instance) refresh(t failer, presented, client string) (p sessions.Pair, ok bool) {
	t.Helper()
	claims, err := i.issuer.Tokens.Verify(ctx, presented, token.Refresh)
	if err != nil {
		return p, false
	}
	ses, err := refresh.Rotate(ctx, i.store, claims.SessionID, sessions.Refresh{
		Generation: claims.Generation, Address: "192.0.2.7", UserAgent: client, Lifetime: refreshLives, Family: familyLives, Now: i.clock(),
	}, audit.New(audit.SessionEnded, audit.Source{Now: i.clock()}, time.Hour))
	if errors.Is(err, sessions.ErrEnded) {
		return p, false
	}
	if err != nil {
		t.Fatal(err)
	}
	return i.pair(t, ses), true
}

// answer is the model's word for what a credential got.
func answer(t failer, err error) string {
	t.Helper()
	var p *problem.Problem
	switch {
	case err == nil:
		return ok
	case !errors.As(err, &p):
		t.Fatal(err)
	case strings.HasSuffix(p.Code, "_INVALID") || p.Code == problem.TokenExpired.Code:
		return invalid
	}
	return p.Code
}

// sweep deletes an item that has expired, as the table's TTL does.
func (d *deployment) sweep(t failer, kind, id string) {
	t.Helper()
	name := func(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }
	_, err := d.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: aws.String(d.table), Key: map[string]types.AttributeValue{"pk": name(kind + "#" + id), "sk": name(kind)},
	})
	if err != nil {
		t.Fatal(err)
	}
}
