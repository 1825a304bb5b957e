package main

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/quota"
)

// differences returns what a change alters, for the key's log: of each field "<field>_from" and
// "<field>_to". A key has no secret in any of them.
func differences(was, next apikey.Key) map[string]string {
	detail := map[string]string{}
	before, after := fields(was), fields(next)
	for name, from := range before {
		if to := after[name]; to != from {
			detail[name+"_from"], detail[name+"_to"] = from, to
		}
	}
	return detail
}

// onlyDisabled reports whether a change alters nothing but whether the key is enabled.
func onlyDisabled(detail map[string]string) bool {
	_, disabled := detail["disabled_from"]
	return disabled && len(detail) == 2
}

func fields(k apikey.Key) map[string]string {
	return map[string]string{
		"label":       k.Label,
		"scopes":      strings.Join(k.Scopes, " "),
		"expires_at":  expiry(k.ExpiresAt),
		"rate_limit":  object(k.Overrides, "default"),
		"quota":       quotaOf(k),
		"metadata":    object(k.Metadata, "none"),
		"allowed_ips": cmp.Or(strings.Join(k.AllowedIPs, " "), "all"),
		"disabled":    strconv.FormatBool(k.DisabledAt != nil),

		"previous_valid_until": graceEnd(k),
	}
}

// quotaOf shows of credits also what is left: to refill them changes nothing else.
func quotaOf(k apikey.Key) string {
	type shown struct {
		Limit     int64        `json:"limit"`
		Period    quota.Period `json:"period,omitempty"`
		Remaining *int64       `json:"remaining,omitempty"`
	}
	switch {
	case k.Quota.Limit == 0:
		return "none"
	case k.Quota.Period == quota.Credits:
		return object(shown{Limit: k.Quota.Limit, Remaining: &k.Quota.Left}, "none")
	}
	return object(shown{Limit: k.Quota.Limit, Period: k.Quota.Period}, "none")
}

// graceEnd is when the old secret ends, as it was given: it is not compared with the clock, so that only a change alters it.
func graceEnd(k apikey.Key) string {
	if k.PrevHash == "" || k.PrevUntil == 0 {
		return "none"
	}
	return expiry(k.PrevUntil)
}

func expiry(epoch int64) string {
	if epoch == 0 {
		return "never"
	}
	return time.Unix(epoch, 0).UTC().Format(time.RFC3339)
}

// object returns JSON, whose names are in order, or a word for an empty object.
func object(v any, empty string) string {
	text, err := json.Marshal(v)
	if err != nil || string(text) == "{}" || string(text) == "null" {
		return empty
	}
	return string(text)
}
