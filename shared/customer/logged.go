package customer

import (
	"cmp"
	"strings"

	"github.com/latchkey/latchkey/shared/audit"
)

// Terms are what the customer's keys together may do, as its log shows it.
func (c Customer) Terms() map[string]string {
	return map[string]string{
		"scopes":     cmp.Or(strings.Join(c.Scopes, " "), "all"),
		"rate_limit": audit.Object(c.Overrides, "none"),
		"quota":      c.Quota.Logged(),
	}
}

// Names are what tells who the customer is, as its log shows it until the customer is deleted.
func (c Customer) Names() map[string]string {
	return map[string]string{
		"external_id": c.ExternalID,
		"name":        c.Name,
		"metadata":    audit.Object(c.Metadata, "none"),
	}
}
