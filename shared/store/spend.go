package store

import (
	"errors"
	"fmt"
	"time"

	"github.com/latchkey/latchkey/shared/quota"
)

// ErrQuota reports a good credential of whose quota too little is left.
var ErrQuota = errors.New("quota exceeded")

// The quota is counted by the write that counts the limit (admit.go), so a request that one of them
// refuses takes nothing from the other. The item has
//
//	quota_limit    what may be spent in a period; absent: there is no quota
//	quota_period   "month" or "day", of UTC; absent: credits, which no period renews
//	quota_left     what is left. A condition has no arithmetic, so the item has no count of what is
//	               spent. An update cannot know whether there is a quota: without one it counts here
//	               too, from 0 down, and that means nothing
//	quota_until    when the period ends of which quota_left is (epoch seconds); absent: never
//
// The first request after that begins the next period. It takes a second call, because the first was
// under the condition that the period has not ended.
const (
	attrQuotaLimit  = "quota_limit"
	attrQuotaPeriod = "quota_period"
	attrQuotaLeft   = "quota_left"
	attrQuotaUntil  = "quota_until"
)

// A spending takes cost from a quota. ended is set where it begins a period: the quota of the last one.
type spending struct {
	cost  int64
	ended quota.Quota
}

// into adds the spending to an update.
func (p spending) into(u *counting, now time.Time) {
	u.values[":cost"] = num(p.cost)
	if p.ended.Limit == 0 {
		u.set = append(u.set, "quota_left = if_not_exists(quota_left, :zero) - :cost")
		u.where = append(u.where, "(attribute_not_exists(quota_limit) OR quota_left >= :cost AND"+
			" (attribute_not_exists(quota_until) OR quota_until > :now))")
		u.values[":zero"], u.values[":now"] = num(0), num(now.Unix())
		return
	}
	u.set = append(u.set, "quota_left = quota_limit - :cost", "quota_until = :until")
	u.where = append(u.where, "quota_until = :ended AND quota_period = :period AND quota_limit >= :cost")
	u.values[":ended"], u.values[":period"] = num(p.ended.Until), str(string(p.ended.Period))
	u.values[":until"] = num(p.ended.Period.End(now))
}

// after is called when the condition failed on a good item. It returns the spending for the next try,
// or ErrQuota.
func (p spending) after(found item, now time.Time) (spending, error) {
	q, err := unmarshal[quota.Quota](found)
	next := spending{cost: p.cost}
	switch {
	case err != nil:
		return p, err
	case !q.Admits(p.cost, now):
		return p, ErrQuota
	case q.Limit != 0 && q.Over(now):
		if q.Period == quota.Credits || !q.Period.Known() {
			return p, fmt.Errorf("a quota of the period %q has an end", q.Period)
		}
		next.ended = q
	}
	return next, nil
}
