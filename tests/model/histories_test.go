// Package model_test plays random histories on Latchkey's code over DynamoDB Local, and compares each
// answer with that of a small model (model_test.go). RAPID_CHECKS=2000 plays thousands.
package model_test

import (
	"flag"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/ratelimit"
	sessions "github.com/latchkey/latchkey/shared/session"
)

func TestMain(m *testing.M) {
	for name, value := range map[string]string{"checks": "10", "steps": "60", "nofailfile": "true"} {
		if os.Getenv("RAPID_"+strings.ToUpper(name)) == "" {
			_ = flag.Set("rapid."+name, value) // the flag exists, and the command line goes before
		}
	}
	os.Exit(m.Run())
}

// A keyOf and a sessionOf are what the deployment knows of those of the model.
type keyOf struct {
	*key
	id      string
	secrets []string // all that it ever had
}

type sessionOf struct {
	*session
	ses    sessions.Session
	pairs  []sessions.Pair // of each generation
	models []pair
}

// A history is a deployment of two instances, of which one has a clock that may lag.
type history struct {
	*rapid.T
	deployment *deployment
	now        time.Time
	instances  []*instance
	keys       []*keyOf
	customers  []*customerOf
	sessions   []*sessionOf
}

// GoString is how a history that failed shows it.
func (k *keyOf) GoString() string { return "key " + k.id }

// GoString is how a history that failed shows it.
func (s *sessionOf) GoString() string { return "session " + s.ses.ID }

func (h *history) some(t *rapid.T) *instance {
	return rapid.SampledFrom(h.instances).Draw(t, "instance")
}

// recent draws one of the last three, and the last most often. There is one at least.
func recent[E any](t *rapid.T, of []E, what string) E {
	back := rapid.SampledFrom([]int{0, 0, 0, 1, 1, 2}).Draw(t, what+", from the last")
	return of[max(0, len(of)-1-back)]
}

var (
	home      = netip.MustParseAddr("192.0.2.7")
	elsewhere = netip.MustParseAddr("198.51.100.9")
	clients   = []string{"browser", "curl"}
)

func seconds(t *rapid.T, of ...int) time.Duration {
	return time.Duration(rapid.SampledFrom(of).Draw(t, "seconds")) * time.Second
}

func TestEveryHistoryIsAnsweredAsTheModelSays(t *testing.T) {
	d := deploy(t)
	rapid.Check(t, func(t *rapid.T) {
		h := begin(t, d)
		h.createKey(t)
		h.login(t)
		t.Repeat(map[string]func(*rapid.T){
			"pass a moment": h.passAMoment,
			"pass time":     h.passTime,
			"create key":    h.createKey,
			"use key":       h.useKey, "use key again": h.useKey, "use key once more": h.useKey,
			"regenerate key": h.regenerateKey,
			"revoke key":     h.revokeKey,
			"disable key":    func(t *rapid.T) { h.disableKey(t, true) },
			"enable key":     func(t *rapid.T) { h.disableKey(t, false) },
			"change key":     h.changeKey,
			"delete key":     h.deleteKey,
			"login":          h.login,
			"use token":      h.useToken,
			"refresh":        h.refresh, "refresh again": h.refresh,
			"logout":             h.logout,
			"sweep what expired": h.sweep,
		})
	})
}

// begin is a history in which nothing has happened yet.
func begin(t *rapid.T, d *deployment) *history {
	h := &history{T: t, deployment: d, now: time.Date(2030, 1, 30, 22, 4, 30, 0, time.UTC)}
	lag := seconds(t, 0, 5, 90, 1200)
	h.instances = []*instance{
		d.instance(t, "exact", func() time.Time { return h.now }), d.instance(t, "lags", func() time.Time { return h.now.Add(-lag) }),
	}
	return h
}

func (h *history) passAMoment(t *rapid.T) { h.now = h.now.Add(seconds(t, 1, 4, 9, 10)) }
func (h *history) passTime(t *rapid.T) {
	h.now = h.now.Add(seconds(t, 30, 60, 600, 31*60, 3600, 24*3600))
}

func (h *history) createKey(t *rapid.T) {
	k := &key{limit: rapid.IntRange(1, 3).Draw(t, "limit")}
	limit, period := someQuota(t)
	if expiry := seconds(t, 0, 30, 61, 3600); expiry > 0 {
		k.expires = h.now.Add(expiry)
	}
	if rapid.Bool().Draw(t, "bound to an address") {
		k.addresses = netip.MustParsePrefix("192.0.2.0/24")
	}
	i := h.some(t)
	k.quota = allow(limit, period, i.clock())
	holder := ""
	if len(h.customers) > 0 {
		if c := recent(t, h.customers, "customer"); !c.gone {
			k.holder, holder = c.customer, c.id
		}
	}
	id := i.create(t, k, holder)
	h.keys = append(h.keys, &keyOf{k, id, []string{k.secret}})
}

// someQuota draws a quota; often none.
func someQuota(t *rapid.T) (limit int64, period string) {
	limit = rapid.SampledFrom([]int64{0, 0, 2, 5}).Draw(t, "quota")
	if limit != 0 {
		period = rapid.SampledFrom([]string{"", "day", "month"}).Draw(t, "its period")
	}
	return limit, period
}

func (h *history) useKey(t *rapid.T) {
	i, k := h.some(t), recent(t, h.keys, "key")
	address := rapid.SampledFrom([]netip.Addr{home, home, home, elsewhere}).Draw(t, "address")
	secret := recent(t, k.secrets, "secret")
	r := authn.Request{Address: address.String(), Now: i.clock()}
	if rapid.SampledFrom([]bool{true, true, false}).Draw(t, "counted") {
		r.Limit = &ratelimit.Limit{Category: ratelimit.Read, Max: 1000, Window: time.Minute}
	}
	r.Cost = int64(rapid.SampledFrom([]int{1, 1, 2, 0}).Draw(t, "cost"))
	want, remaining := k.use(secret, address, r.Limit != nil, r.Cost, i.clock())
	found, err := i.authn.Identify(ctx, secret, r)
	if got := answer(t, err); got != want {
		t.Fatalf("the key is answered %s, want %s", got, want)
	}
	if want == ok && r.Limit != nil && found.Limit.Remaining != remaining {
		t.Fatalf("%d requests remain, want %d", found.Limit.Remaining, remaining)
	}
	if left := k.holder.left(k.quota, i.clock()); want == ok && found.Limit.Quota.Remaining != left {
		t.Fatalf("%d of the quota remain, want %d", found.Limit.Quota.Remaining, left)
	}
}

func (h *history) regenerateKey(t *rapid.T) {
	i, k := h.some(t), recent(t, h.keys, "key")
	grace := seconds(t, 0, 10, 600)
	secret, done := i.regenerate(t, k.id, grace)
	if want := k.regenerate(secret, grace, i.clock()); done != want {
		t.Fatalf("the key is regenerated: %t, want %t", done, want)
	}
	k.secrets = append(k.secrets, secret)
}

func (h *history) revokeKey(t *rapid.T) {
	i, k := h.some(t), recent(t, h.keys, "key")
	done := i.change(t, k.id, func(found apikey.Key) error {
		_, err := i.store.RevokeKey(ctx, found, i.entry(audit.Revoked))
		return err
	})
	if done == k.gone {
		t.Fatalf("the key is revoked: %t, want %t", done, !k.gone)
	}
	k.revoke()
}

func (h *history) disableKey(t *rapid.T, disabled bool) {
	i, k := h.some(t), recent(t, h.keys, "key")
	h.update(t, i, k, func(next *apikey.Key) {
		if next.DisabledAt = nil; disabled {
			at := i.clock()
			next.DisabledAt = &at
		}
	}, func() { k.disabled = disabled })
}

// changeKey changes some of what bounds a key, all in one change.
func (h *history) changeKey(t *rapid.T) {
	i, k := h.some(t), recent(t, h.keys, "key")
	limit, expiry, bound := rapid.IntRange(1, 3).Draw(t, "limit"), seconds(t, 0, 30, 3600), rapid.Bool().Draw(t, "bound to an address")
	var expires time.Time
	if expiry > 0 {
		expires = h.now.Add(expiry)
	}
	most, period := someQuota(t)
	addresses := netip.Prefix{}
	if bound {
		addresses = netip.MustParsePrefix("192.0.2.0/24")
	}
	h.update(t, i, k, func(next *apikey.Key) {
		next.Read, next.ExpiresAt, next.AllowedIPs = limit, 0, nil
		next.Quota = quota.Quota{}
		if most > 0 {
			next.Quota = quota.New(most, quota.Period(period), i.clock())
		}
		if expiry > 0 {
			next.ExpiresAt = expires.Unix()
		}
		if bound {
			next.AllowedIPs = []string{addresses.String()}
		}
	}, func() {
		k.limit, k.expires, k.addresses = limit, expires, addresses
		k.quota = k.quota.changed(most, period, i.clock())
	})
}

func (h *history) update(t *rapid.T, i *instance, k *keyOf, change func(*apikey.Key), model func()) {
	want := !k.ended(i.clock())
	done := i.change(t, k.id, func(was apikey.Key) error {
		next := was
		change(&next)
		return i.store.ChangeKeyBy(ctx, apikey.Maker{}, was, next, i.entry(audit.Updated))
	})
	if done != want {
		t.Fatalf("the key is changed: %t, want %t", done, want)
	}
	if done {
		model()
	}
}

func (h *history) deleteKey(t *rapid.T) {
	i, k := h.some(t), recent(t, h.keys, "key")
	done := i.change(t, k.id, func(found apikey.Key) error { return i.store.DeleteKey(ctx, found, i.entry(audit.Deleted)) })
	if done == k.gone {
		t.Fatalf("the key is deleted: %t, want %t", done, !k.gone)
	}
	k.gone = true
}

func (h *history) login(t *rapid.T) {
	i, client := h.some(t), rapid.SampledFrom(clients).Draw(t, "client")
	ses, p := i.login(t, client)
	now := i.clock()
	model := &session{born: now, began: now, client: client, expires: now.Add(refreshLives)}
	h.sessions = append(h.sessions, &sessionOf{model, ses, []sessions.Pair{p}, []pair{model.pair()}})
}

// drawn is a session and the index of one of its pairs.
func (h *history) drawn(t *rapid.T) (*sessionOf, int) {
	s := recent(t, h.sessions, "session")
	back := rapid.SampledFrom([]int{0, 0, 1, 1, 2}).Draw(t, "pair, from the last")
	return s, max(0, len(s.pairs)-1-back)
}

func (h *history) useToken(t *rapid.T) {
	i := h.some(t)
	s, n := h.drawn(t)
	_, err := i.authn.Identify(ctx, s.pairs[n].AccessToken, authn.Request{Now: i.clock()})
	if got, want := answer(t, err) == ok, s.use(s.models[n], i.clock()); got != want {
		t.Fatalf("the token of generation %d is good: %t, want %t", n, got, want)
	}
}

func (h *history) refresh(t *rapid.T) {
	i, client := h.some(t), rapid.SampledFrom(clients).Draw(t, "client")
	s, n := h.drawn(t)
	next, want := s.refresh(s.models[n], client, i.clock())
	p, got := i.refresh(t, s.pairs[n].RefreshToken, client)
	switch {
	case got != want:
		t.Fatalf("the token of generation %d is exchanged: %t, want %t", n, got, want)
	case got && next.generation < len(s.pairs) && p != s.pairs[next.generation]:
		t.Fatalf("generation %d is exchanged for another pair than before", n)
	case got && next.generation == len(s.pairs):
		s.pairs, s.models = append(s.pairs, p), append(s.models, next)
	}
}

func (h *history) logout(t *rapid.T) {
	i, s := h.some(t), recent(t, h.sessions, "session")
	err := i.store.EndSession(ctx, s.ses.ID, s.ses.UserID)
	if done := err == nil; done == (s.ended || s.gone) {
		t.Fatalf("the session is ended: %v, want %t", err, !s.ended && !s.gone)
	}
	s.ended = true
}

// sweep deletes what has expired by the true clock. TTL may do so never, or at once.
func (h *history) sweep(*rapid.T) {
	for _, k := range h.keys {
		if !k.gone && !k.expires.IsZero() && h.now.After(k.expires) {
			h.deployment.sweep(h, "KEY", k.id)
			k.gone = true
		}
	}
	for _, s := range h.sessions {
		if h.now.After(s.expires) {
			h.deployment.sweep(h, "SESSION", s.ses.ID)
			s.ended, s.gone = true, true
		}
	}
}
