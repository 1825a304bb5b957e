package newkey

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/quota"
)

// A Quota is a quota as a caller describes it.
type Quota struct {
	Limit  *int64  `json:"limit"`
	Period *string `json:"period"` // absent: credits
}

// quotaForm is formatted when somebody must read it, and not by each process that starts.
func quotaForm() string {
	return fmt.Sprintf(`must have a limit, a whole number from 1 to %d, and for one that begins anew a period, "month" or "day"`, int64(quota.Max))
}

func (q *Quota) read(now time.Time) (quota.Quota, string) {
	if q == nil {
		return quota.Quota{}, ""
	}
	period := quota.Credits
	if q.Period != nil {
		if period = quota.Period(*q.Period); period != quota.Day && period != quota.Month {
			return quota.Quota{}, quotaForm()
		}
	}
	if q.Limit == nil || *q.Limit < 1 || *q.Limit > quota.Max {
		return quota.Quota{}, quotaForm()
	}
	return quota.New(*q.Limit, period, now), ""
}

// changeQuota merges a change into a quota. While the period stays, what is spent of it stays spent.
// Another period begins with nothing spent, and so do credits whenever their limit is sent: that
// refills them.
func changeQuota(k *apikey.Key, raw json.RawMessage, now time.Time) string {
	if isNull(raw) {
		k.Quota = quota.Quota{}
		return ""
	}
	var sent map[string]json.RawMessage
	if json.Unmarshal(raw, &sent) != nil {
		return quotaForm()
	}
	for name := range sent {
		if !slices.Contains([]string{"limit", "period"}, name) {
			return quotaForm()
		}
	}
	was := k.Quota
	merged := Quota{}
	if limit := was.Limit; limit != 0 {
		merged.Limit = &limit
	}
	if was.Period != quota.Credits {
		period := string(was.Period)
		merged.Period = &period
	}
	if json.Unmarshal(raw, &merged) != nil {
		return quotaForm()
	}
	next, message := merged.read(now)
	switch {
	case message != "" || len(sent) == 0:
		return message
	case quota.GoesOn(was, next):
		next.Left, next.Until = was.Left+next.Limit-was.Limit, was.Until
	case was.Limit != 0 && next.Period == was.Period && sent["limit"] == nil: // credits that nobody refills
		next = was
	}
	k.Quota = next
	return ""
}
