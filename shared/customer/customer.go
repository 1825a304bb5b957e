// Package customer owns customers: those to whom a team gives keys of its API. A customer belongs to a
// project, and its limits, quota and scopes hold for all of its keys together.
package customer

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/randomid"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
)

// A Customer is a customer as the table holds it.
type Customer struct {
	ID         string            `dynamodbav:"id"`
	Project    string            `dynamodbav:"project"`
	ExternalID string            `dynamodbav:"external_id"` // the team's own name of it, unique in the project
	Name       string            `dynamodbav:"name,omitempty"`
	Metadata   map[string]string `dynamodbav:"metadata,omitempty"`
	Scopes     []string          `dynamodbav:"scopes,omitempty"` // the most that its keys open; none: what each of them has
	CreatedAt  time.Time         `dynamodbav:"created_at"`
	DisabledAt *time.Time        `dynamodbav:"disabled_at,omitempty"`
	DeletedAt  *time.Time        `dynamodbav:"deleted_at,omitempty"` // its item stays, so that its keys stay refused
	Erased     bool              `dynamodbav:"erased,omitempty"`     // of one that was deleted: its log names it nowhere any more
	Version    int64             `dynamodbav:"version"`              // of what a change changes

	ratelimit.Overrides // limits of all its keys together; 0: none
	quota.Quota

	audit.Head // of its log
}

// Prefix is what the ids of customers begin with.
const Prefix = "cus_"

// New makes a customer with a fresh id.
func New(project, externalID string, now time.Time) Customer {
	return Customer{ID: randomid.New(Prefix), Project: project, ExternalID: externalID, CreatedAt: now.UTC(), Version: 1}
}

// ValidID reports whether id has the form of a customer's id.
func ValidID(id string) bool { return randomid.Valid(Prefix, id) }

// LongestExternalID is the length of the longest external id, in characters.
const LongestExternalID = 255

// ExternalIDProblem returns what is wrong with an external id, or "".
func ExternalIDProblem(id string) string {
	hidden := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
	if n := utf8.RuneCountInString(id); n < 1 || n > LongestExternalID || !utf8.ValidString(id) || strings.TrimSpace(id) != id || strings.ContainsFunc(id, hidden) {
		return "must have 1 to 255 characters, none of them a control character, and no space at either end"
	}
	return ""
}

// Has reports whether the customer's name or external id has a text, anywhere in it, in either case.
func (c Customer) Has(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(strings.ToLower(c.Name), text) || strings.Contains(strings.ToLower(c.ExternalID), text)
}

// Counts reports whether requests of the customer's keys are counted on the customer.
func (c Customer) Counts() bool { return c.Overrides != ratelimit.Overrides{} || c.Quota.Limit != 0 }

// Within returns those of a key's scopes that the customer's keys may open.
func (c *Customer) Within(granted scope.Set, catalogue *scope.Catalogue) scope.Set {
	if c == nil || len(c.Scopes) == 0 {
		return granted
	}
	return granted.Intersect(catalogue.Known(c.Scopes))
}

// A View is a customer as callers see it.
type View struct {
	ID         string               `json:"id"`
	ExternalID string               `json:"external_id"`
	Name       string               `json:"name"`
	ProjectID  string               `json:"project_id"`
	Scopes     []string             `json:"scopes"` // null: no ceiling
	RateLimit  *ratelimit.Overrides `json:"rate_limit"`
	Quota      *quota.View          `json:"quota"`
	Metadata   map[string]string    `json:"metadata"`
	Disabled   bool                 `json:"disabled"`
	CreatedAt  time.Time            `json:"created_at"`
}

// View returns the customer as callers see it.
func (c Customer) View(now time.Time) View {
	v := View{
		ID: c.ID, ExternalID: c.ExternalID, Name: c.Name, ProjectID: c.Project, Scopes: c.Scopes,
		Quota: c.Quota.State(now).View(), Metadata: c.Metadata, Disabled: c.DisabledAt != nil, CreatedAt: c.CreatedAt,
	}
	if c.Overrides != (ratelimit.Overrides{}) {
		v.RateLimit = &c.Overrides
	}
	if v.Metadata == nil {
		v.Metadata = map[string]string{}
	}
	return v
}
