package main

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
)

// onlyDisabled reports whether a change alters nothing but whether the key is enabled.
func onlyDisabled(detail map[string]string) bool {
	_, disabled := detail["disabled_from"]
	return disabled && len(detail) == 2
}

// fields are a key's for its log. A key has no secret in any of them.
func fields(k apikey.Key) map[string]string {
	return map[string]string{
		"label":       k.Label,
		"scopes":      strings.Join(k.Scopes, " "),
		"expires_at":  expiry(k.ExpiresAt),
		"rate_limit":  audit.Object(k.Overrides, "default"),
		"quota":       k.Quota.Logged(),
		"metadata":    audit.Object(k.Metadata, "none"),
		"allowed_ips": cmp.Or(strings.Join(k.AllowedIPs, " "), "all"),
		"disabled":    strconv.FormatBool(k.DisabledAt != nil),

		"previous_valid_until": graceEnd(k),
	}
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
