// Package report owns the answer that says how often keys were used (GET /v1/usage), as JSON and as CSV.
package report

import "time"

// What an answer is grouped by.
const (
	ByKey      = "key"
	ByCustomer = "customer"
	ByRoute    = "route"
	ByOutcome  = "outcome"
	ByProject  = "project"
)

// An Answer is the body of the JSON answer. Its totals are of its own rows.
type Answer struct {
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	By         string    `json:"by"`
	Group      *string   `json:"group"`
	Usage      []Row     `json:"usage"`
	Total      Counts    `json:"total"`
	Groups     []Group   `json:"groups"`
	NextCursor *string   `json:"next_cursor"`
}

// Counts are how often keys were used, and how often of it they were refused.
type Counts struct {
	Requests int64 `json:"requests"`
	Refusals int64 `json:"refusals"`
}

// Plus returns the sums of both.
func (c Counts) Plus(more Counts) Counts {
	return Counts{c.Requests + more.Requests, c.Refusals + more.Refusals}
}

// A Row is what a group used in a period. A period in which it used nothing has none.
type Row struct {
	Start time.Time `json:"start"`
	Group *string   `json:"group"` // as that of a Group, and null if nothing is grouped
	Counts
}

// A Group has the sums of a group over all rows. Group is null for what belongs to none: a key of no customer,
// or a caller without the key's secret, of whom the route is not kept.
type Group struct {
	Group      *string `json:"group"`
	Name       *string `json:"name"`
	ExternalID *string `json:"external_id,omitempty"` // of a customer
	Counts
}

// ID returns the group, or "" for what belongs to none.
func (g Group) ID() string { return value(g.Group) }

// ID returns the group of the row, or "".
func (r Row) ID() string { return value(r.Group) }

// Called returns what the group is called, or "".
func (g Group) Called() string { return value(g.Name) }

// Optional returns nil for "".
func Optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
