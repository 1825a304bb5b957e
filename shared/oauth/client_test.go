package oauth_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/oauth"
	"github.com/latchkey/latchkey/shared/oauth/oauthtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/usage"
	"github.com/latchkey/latchkey/tests/expect"
)

const guesses = 3 // that an address has

// a place is an endpoint for clients, which does nothing else.
type place struct {
	t *testing.T
	d oauthtest.Deployment
	f gateway.Function
}

func newPlace(t *testing.T) place {
	t.Helper()
	d := oauthtest.New(t)
	limit := &ratelimit.Limit{Category: ratelimit.Auth, Max: guesses, Window: 24 * time.Hour}
	clients := oauth.NewClients(authn.New(d.Store, d.Tokens, secrettest.Source(), limit))
	return place{t, d, gateway.OAuth(d.Store, nil, func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		form, err := oauth.ReadForm(r)
		if err == nil {
			_, err = clients.Authenticate(ctx, r, form, nil)
		}
		return gateway.JSON(200, struct{}{}), err
	})}
}

func (p place) authenticate(address, id, secret string) gatewaytest.Answer {
	p.t.Helper()
	return gatewaytest.Do(p.t, p.f, gatewaytest.Call{
		Method: "POST", Resource: "/oauth/introspect", Address: address,
		Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		Body:   url.Values{"client_id": {id}, "client_secret": {secret}}.Encode(),
	})
}

func TestWrongSecretsOfClientsAreLimitedByAddressAndTheGoodOneIsNot(t *testing.T) {
	p := newPlace(t)
	k, full := p.d.Key(nil)
	for _, row := range []struct {
		name   string
		secret func() string
	}{
		{"192.0.2.1", func() string { return apikey.New("gf_", k.ID) }},
		{"192.0.2.2", func() string { return "not a key" }},
	} {
		address := row.name
		for i, want := range []int{401, 401, 401, 429, 429} {
			answer := p.authenticate(address, k.ID, row.secret())
			name := fmt.Sprintf("%s, guess %d: ", address, i+1)
			expect.Same(t, name+"status", answer.Status, want)
			expect.Same(t, name+"X-RateLimit-Limit", answer.Header["X-RateLimit-Limit"], fmt.Sprint(guesses))
			expect.Same(t, name+"X-RateLimit-Remaining", answer.Header["X-RateLimit-Remaining"], fmt.Sprint(max(0, guesses-1-i)))
			expect.Same(t, name+"it shows Retry-After", answer.Header["Retry-After"] != "", want == 429)
		}
		expect.Same(t, address+": the good secret", p.authenticate(address, k.ID, full).Status, 200)
	}
}

func TestWrongSecretsOfAClientAreOneEntryAnHourWithoutAnActor(t *testing.T) {
	p := newPlace(t)
	k, _ := p.d.Key(nil)
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	for i := range 5 {
		p.authenticate(fmt.Sprintf("192.0.2.%d", i+1), k.ID, apikey.New("gf_", k.ID))
	}
	slog.SetDefault(before)
	lines := slices.DeleteFunc(strings.Split(out.String(), "\n"), func(line string) bool { return !strings.Contains(line, "key_use") })
	expect.Same(t, "the lines about the key", len(lines), 5)
	counter := usage.New(p.d.Store, time.Hour, time.Hour, time.Now)
	if _, err := counter.Count(context.Background(), lines); err != nil {
		t.Fatal(err)
	}
	entries, _, err := p.d.Store.AuditLog(context.Background(), k.ID, store.Page{Limit: 100}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	entries = slices.DeleteFunc(entries, func(e audit.Entry) bool { return e.Action == audit.Created })
	total := 0
	for _, e := range entries {
		expect.Same(t, "the action", e.Action, audit.Refused)
		expect.Same(t, "the actor", e.Actor, audit.Actor{Type: "unknown"})
		total += e.Count
	}
	expect.Same(t, "the refusals that are counted", total, 5)
	if len(entries) > 2 { // two, if an hour began meanwhile
		t.Errorf("%d entries, want one an hour", len(entries))
	}
}
