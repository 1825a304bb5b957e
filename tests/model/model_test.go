package model_test

import (
	"net/netip"
	"time"
)

// The model says what a deployment answers, in the simplest words: no hashes, no conditions, no slots,
// and one caller at a time. `now` is always the clock of the instance that is asked, which may lag.

// Answers to a credential.
const (
	ok        = "ok"
	invalid   = "invalid"
	revoked   = "API_KEY_REVOKED"
	expired   = "API_KEY_EXPIRED"
	disabled  = "API_KEY_DISABLED"
	limited   = "RATE_LIMIT_EXCEEDED"
	spent     = "QUOTA_EXCEEDED"
	forbidden = "FORBIDDEN"
)

// A key opens with its secret, and for a while with the one before it.
type key struct {
	secret, before string
	beforeUntil    time.Time
	expires        time.Time    // zero: never
	addresses      netip.Prefix // zero: all
	limit          int          // requests a window
	revoked, gone  bool         // gone: deleted, or swept after it had expired
	disabled       bool

	window int64 // the newest in which a request was counted
	count  int   // of requests in it

	quota  allowance
	holder *customer // nil: the key is nobody's
}

// An allowance is a quota: of a day or a month, which until ends, or of credits.
type allowance struct {
	limit, left int64 // limit 0: none
	period      string
	until       time.Time
}

func allow(limit int64, period string, now time.Time) allowance {
	a := allowance{limit: limit, left: limit, period: period}
	switch y, m, d := now.UTC().Date(); period {
	case "day":
		a.until = time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC)
	case "month":
		a.until = time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC)
	}
	return a
}

// at is what a clock sees: one that lags sees the newest period that any has seen.
func (a allowance) at(now time.Time) allowance {
	if a.period != "" && !now.Before(a.until) {
		return allow(a.limit, a.period, now)
	}
	return a
}

// changed is the allowance with another limit or period. In the same period what is spent stays spent.
func (a allowance) changed(limit int64, period string, now time.Time) allowance {
	if a.limit != 0 && limit != 0 && a.period == period && period != "" {
		a.limit, a.left = limit, a.left+limit-a.limit
		return a
	}
	return allow(limit, period, now)
}

func (k *key) opensWith(secret string, now time.Time) bool {
	return !k.gone && (secret == k.secret || secret == k.before && now.Before(k.beforeUntil))
}

func (k *key) usable(now time.Time) string {
	switch {
	case k.revoked:
		return revoked
	case !k.expires.IsZero() && !now.Before(k.expires):
		return expired
	case k.disabled:
		return disabled
	}
	return ok
}

// ended reports whether nothing of the key can change any more.
func (k *key) ended(now time.Time) bool {
	return k.gone || k.revoked || !k.expires.IsZero() && !now.Before(k.expires)
}

// use answers a request with one of the key's secrets. cost is what it takes from the quota. remaining is
// what is left of the limit.
func (k *key) use(secret string, address netip.Addr, counted bool, cost int64, now time.Time) (answer string, remaining int) {
	if !k.opensWith(secret, now) {
		return invalid, 0
	}
	if answer := k.usable(now); answer != ok {
		return answer, 0
	}
	quota := k.quota.at(now)
	if quota.limit != 0 && cost > quota.left {
		return spent, 0
	}
	if counted && !k.admits(now) {
		return limited, 0
	}
	if k.holder != nil {
		if answer := k.holder.use(counted, cost, now); answer != ok { // the key gets back what it counted
			return answer, 0
		}
	}
	if counted {
		k.count++
	}
	if quota.limit != 0 && cost > 0 {
		k.quota = quota
		k.quota.left -= cost
	}
	if k.addresses.IsValid() && !k.addresses.Contains(address) {
		return forbidden, 0
	}
	return ok, k.holder.remaining(k.limit - k.count)
}

// admits reports whether another request is within the limit.
func (k *key) admits(now time.Time) bool {
	if window := now.Unix() / 60; window > k.window { // a clock that lags counts in the newest
		k.window, k.count = window, 0
	}
	return k.count < k.limit
}

func (k *key) regenerate(secret string, grace time.Duration, now time.Time) bool {
	if k.ended(now) {
		return false
	}
	k.before, k.beforeUntil = k.secret, now.Add(grace)
	if grace == 0 { // for all clocks
		k.before = ""
	}
	k.secret = secret
	return true
}

func (k *key) revoke() {
	if !k.revoked {
		k.revoked, k.before = true, ""
	}
}

// Lifetimes of tokens and sessions.
const (
	accessLives  = 10 * time.Minute
	refreshLives = 30 * time.Minute
	familyLives  = 2 * time.Hour
	replayWindow = 10 * time.Second
)

// A session has a generation, which a refresh token of the current one moves on.
type session struct {
	generation  int
	born        time.Time
	began       time.Time // of the generation
	client      string    // that began it
	expires     time.Time
	ended, gone bool
}

// A pair is the tokens of a generation.
type pair struct {
	generation             int
	accessUntil, freshable time.Time // until when each of the two is good, at most
}

func (s *session) alive(now time.Time) bool { return !s.ended && now.Before(s.expires) }

func (s *session) pair() pair {
	return pair{s.generation, earlier(s.began.Add(accessLives), s.expires), earlier(s.began.Add(refreshLives), s.expires)}
}

// use answers a request with an access token.
func (s *session) use(p pair, now time.Time) bool { return now.Before(p.accessUntil) && s.alive(now) }

// refresh answers a refresh token. A replay is either a lost answer or the end.
func (s *session) refresh(p pair, client string, now time.Time) (pair, bool) {
	switch {
	case !now.Before(p.freshable) || !s.alive(now):
		return pair{}, false
	case p.generation == s.generation:
		end := s.born.Add(familyLives)
		if !now.Before(end) {
			return pair{}, false
		}
		s.generation, s.began, s.client = s.generation+1, now, client
		s.expires = earlier(now.Add(refreshLives), end)
		return s.pair(), true
	case p.generation == s.generation-1 && client == s.client && now.Sub(s.began) < replayWindow:
		return s.pair(), true
	}
	s.ended = true
	return pair{}, false
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
