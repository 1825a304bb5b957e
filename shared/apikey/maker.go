package apikey

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
)

// A Maker is the credential that makes a key, or gives one a new secret. No key may exceed it or
// outlive it. A user's session, which has no Key, is bound by its scopes alone.
type Maker struct {
	Key        *Key      // whose secret or token the credential is; nil for a user
	Generation int       // of that secret
	TokenID    string    // jti of the token, or ""
	Until      int64     // when the credential expires: epoch seconds; 0 for never
	Scopes     scope.Set // of the credential
	ByRole     scope.Set // of a user: what a new login would hold

	Limits ratelimit.Limits // the deployment's, which hold for keys without limits of their own
}

// Endow notes the maker on a new key, and gives the key the maker's expiry, addresses, limits and quota
// where it has none of its own.
func (m Maker) Endow(k *Key, now time.Time) {
	if m.Key == nil {
		return
	}
	k.CreatedBy, k.Depth = m.Key.ID, m.Key.Depth+1
	k.ExpiresAt = cmp.Or(k.ExpiresAt, m.Until)
	if len(k.AllowedIPs) == 0 {
		k.AllowedIPs = m.Key.AllowedIPs
	}
	for _, c := range ratelimit.Categories {
		k.Set(c, cmp.Or(k.Of(c), m.Key.Of(c)))
	}
	k.Customer = cmp.Or(k.Customer, m.Key.Customer)
	if k.Quota.Limit == 0 {
		k.Quota = m.Key.Quota.At(now)
	}
	k.Quota = m.spendable(k.Quota, now)
}

// Refill returns the quota of a key that the maker changes: of a quota that begins anew no more is left
// than the maker has itself.
func (m Maker) Refill(was, next quota.Quota, now time.Time) quota.Quota {
	if was == next || quota.GoesOn(was, next) {
		return next
	}
	return m.spendable(next, now)
}

func (m Maker) spendable(q quota.Quota, now time.Time) quota.Quota {
	if m.Key == nil {
		return q
	}
	return q.AtMost(m.Key.Quota, now)
}

// Exceeded returns the fields in which a key is more than its maker.
func (m Maker) Exceeded(k *Key) (fields []string) {
	if m.Key == nil {
		return nil
	}
	check := func(within bool, field string) {
		if !within {
			fields = append(fields, field)
		}
	}
	check(k.Project == m.Key.Project, "project_id")
	check(m.Key.Customer == "" || k.Customer == m.Key.Customer, "customer_id")
	check(m.Scopes.Missing(k.Grants()) == nil, "scopes")
	check(m.Until == 0 || k.ExpiresAt != 0 && k.ExpiresAt <= m.Until, "expires_at")
	check(within(k.AllowedIPs, m.Key.AllowedIPs), "allowed_ips")
	check(!slices.ContainsFunc(ratelimit.Categories, func(c ratelimit.Category) bool { return m.admitsLess(k, c) }), "rate_limit")
	check(k.Quota.Within(m.Key.Quota), "quota")
	return fields
}

// Widened returns the fields in which a change makes a key more than it was.
func Widened(was, next *Key) (fields []string) {
	check := func(widened bool, field string) {
		if widened {
			fields = append(fields, field)
		}
	}
	raised := func(c ratelimit.Category) bool {
		before, after := was.Of(c), next.Of(c)
		return after != before && (before == 0 || after == 0 || after > before) // the deployment's may be less than any
	}
	check(was.Grants().Missing(next.Grants()) != nil, "scopes")
	check(was.ExpiresAt != 0 && (next.ExpiresAt == 0 || next.ExpiresAt > was.ExpiresAt), "expires_at")
	check(!within(next.AllowedIPs, was.AllowedIPs), "allowed_ips")
	check(slices.ContainsFunc(ratelimit.Categories, raised), "rate_limit")
	check(quota.Raised(was.Quota, next.Quota), "quota")
	check(was.DisabledAt != nil && next.DisabledAt == nil, "disabled")
	return fields
}

// Beyond returns the fields in which a change makes a key more than it was, and more than the maker.
// Whoever enables a key opens all that it grants, so all of it must be within the maker.
func (m Maker) Beyond(was, next *Key) (fields []string) {
	widened := Widened(was, next)
	exceeded := m.Exceeded(next)
	if slices.Contains(widened, "disabled") && exceeded != nil {
		return append([]string{"disabled"}, exceeded...)
	}
	for _, field := range widened {
		if field != "scopes" && slices.Contains(exceeded, field) {
			fields = append(fields, field)
		}
	}
	if m.Scopes.Missing(was.Grants().Missing(next.Grants())) != nil {
		fields = append(fields, "scopes")
	}
	return fields
}

// admitsLess reports whether the maker's limit in a category is below the key's.
func (m Maker) admitsLess(k *Key, c ratelimit.Category) bool {
	own, its := m.Key.Of(c), k.Of(c)
	if own == 0 { // the deployment's limit holds, or none; the same for a key without its own
		return m.Limits.Max[c] > 0 && its > m.Limits.Max[c]
	}
	return its == 0 || its > own
}

// within reports whether every address in blocks is in one of the blocks of limit. No blocks are
// all addresses.
func within(blocks, limit []string) bool {
	if len(limit) == 0 {
		return true
	}
	outside := func(text string) bool {
		block, err := netip.ParsePrefix(text)
		return err != nil || !slices.ContainsFunc(limit, func(text string) bool {
			around, err := netip.ParsePrefix(text)
			return err == nil && around.Bits() <= block.Bits() && around.Contains(block.Addr())
		})
	}
	return len(blocks) > 0 && !slices.ContainsFunc(blocks, outside)
}
