package newkey

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/problem"
)

// A Customer is a new customer as a caller describes it. Its limits, quota, scopes and metadata are written
// as those of a key.
type Customer struct {
	ExternalID string            `json:"external_id"`
	Name       string            `json:"name"`
	ProjectID  string            `json:"project_id"`
	Scopes     *[]string         `json:"scopes"` // the most that its keys open; absent: no ceiling
	RateLimit  json.RawMessage   `json:"rate_limit"`
	Quota      *Quota            `json:"quota"`
	Metadata   map[string]string `json:"metadata"`
}

// Read returns the customer, without a project, or everything that is wrong in one error.
func (b Customer) Read(now time.Time) (customer.Customer, error) {
	var wrong []problem.Field
	check := func(field, message string) {
		if message != "" {
			wrong = append(wrong, problem.Field{Field: field, Message: message})
		}
	}
	c := customer.New("", b.ExternalID, now)
	c.Name, c.Metadata = b.Name, b.Metadata
	check("external_id", customer.ExternalIDProblem(b.ExternalID))
	if b.Name != "" {
		check("name", apikey.LabelProblem(b.Name))
	}
	var message string
	if b.Scopes != nil {
		c.Scopes, message = parseScopes(*b.Scopes)
		check("scopes", message)
	}
	c.Overrides, message = overrides(b.RateLimit)
	check("rate_limit", message)
	c.Quota, message = b.Quota.read(now)
	check("quota", message)
	check("metadata", metadataProblem(b.Metadata))
	if wrong != nil {
		return c, problem.Validation(wrong...)
	}
	return c, nil
}

// A CustomerChange is a JSON merge patch of a customer, as Change is of a key.
type CustomerChange struct {
	Name      json.RawMessage `json:"name"`   // null: none
	Scopes    json.RawMessage `json:"scopes"` // null: no ceiling
	RateLimit json.RawMessage `json:"rate_limit"`
	Quota     json.RawMessage `json:"quota"`
	Metadata  json.RawMessage `json:"metadata"`
	Disabled  json.RawMessage `json:"disabled"`
}

// Of returns the customer as the change makes it.
func (b CustomerChange) Of(c customer.Customer, now time.Time) (customer.Customer, error) {
	k := apikey.Key{
		Type: apikey.Scoped, Label: c.Name, Scopes: c.Scopes, Metadata: c.Metadata, DisabledAt: c.DisabledAt,
		Overrides: c.Overrides, Quota: c.Quota,
	}
	name, scopes := b.Name, b.Scopes
	if isNull(name) {
		k.Label, name = "", nil
	}
	if isNull(scopes) {
		k.Scopes, scopes = nil, nil
	}
	k, err := Change{
		Name: name, Scopes: scopes, RateLimit: b.RateLimit, Quota: b.Quota, Metadata: b.Metadata, Disabled: b.Disabled,
	}.Of(k, now)
	if err != nil {
		return c, err
	}
	if scopes != nil && len(k.Scopes) == 0 {
		return c, problem.Validation(problem.Field{Field: "scopes", Message: "must name at least one scope, or be null for no ceiling"})
	}
	c.Name, c.Scopes, c.Metadata, c.DisabledAt, c.Overrides, c.Quota = k.Label, k.Scopes, k.Metadata, k.DisabledAt, k.Overrides, k.Quota
	return c, nil
}

// For binds a key that is made for a customer: it is of the customer's project, and grants none but the
// customer's scopes. Those that the request names must be among them.
func (w Wanted) For(c customer.Customer, k *apikey.Key) error {
	if k.Project != c.Project {
		return problem.Validation(problem.Field{Field: "customer_id", Message: "the customer is of another project"})
	}
	k.Customer = c.ID
	if len(c.Scopes) == 0 {
		return nil
	}
	granted := apikey.Key{Type: k.Type, Scopes: k.Scopes, Holder: &c}
	within := granted.Grants()
	beyond := k.Grants()
	beyond = within.Missing(beyond)
	if w.Scopes != nil && beyond != nil || len(within) == 0 {
		return problem.Validation(problem.Field{
			Field: w.scopesField, Message: "a key of this customer cannot have " + strings.Join(beyond, ", "),
		})
	}
	k.Scopes = within
	return nil
}
