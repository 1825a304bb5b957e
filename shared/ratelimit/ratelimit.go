// Package ratelimit owns the arithmetic of fixed windows: the categories of endpoints, the limit
// that applies, and the headers that tell a caller how much of it is left. Package store keeps
// the counts, on the item that the check of a credential reads anyway.
package ratelimit

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/quota"
)

// Category groups endpoints that share a count.
type Category string

const (
	Auth       Category = "auth"       // login, refresh, token
	Management Category = "management" // keys, projects, sessions, users
	Read       Category = "read"
	Write      Category = "write"
)

// Categories are all of them.
var Categories = []Category{Auth, Management, Read, Write}

var management = []string{
	"/v1/api-keys", "/api/v1/auth/api-keys", "/v1/projects",
	"/v1/auth/sessions", "/v1/auth/factors", "/v1/auth/register", "/v1/auth/password", "/v1/auth/verify", "/api/auth/logout", "/v1/keys/import", "/v1/users", "/v1/customers",
}

// CategoryOf returns the category of an endpoint behind the authorizer, from its method and API
// Gateway resource ("/v1/runs/{id}/events").
func CategoryOf(method, resource string) Category {
	for _, m := range management {
		if resource == m || strings.HasPrefix(resource, m+"/") {
			return Management
		}
	}
	if method == http.MethodGet || method == http.MethodHead || resource == "/v1/keys/verify" {
		return Read
	}
	return Write
}

// Overrides are a key's own limits. 0 means the default.
type Overrides struct {
	Auth       int `dynamodbav:"limit_auth,omitempty" json:"auth,omitempty"`
	Management int `dynamodbav:"limit_management,omitempty" json:"management,omitempty"`
	Read       int `dynamodbav:"limit_read,omitempty" json:"read,omitempty"`
	Write      int `dynamodbav:"limit_write,omitempty" json:"write,omitempty"`
}

// Of returns the override for a category, or 0.
func (o Overrides) Of(c Category) int {
	switch c {
	case Auth:
		return o.Auth
	case Management:
		return o.Management
	case Read:
		return o.Read
	case Write:
		return o.Write
	}
	return 0
}

// Set sets the override for a category.
func (o *Overrides) Set(c Category, limit int) {
	switch c {
	case Auth:
		o.Auth = limit
	case Management:
		o.Management = limit
	case Read:
		o.Read = limit
	case Write:
		o.Write = limit
	}
}

// Limits are the deployment's defaults, in requests a window. 0 turns a category's limit off,
// also for keys with their own limit.
type Limits struct {
	Window  time.Duration
	Account int // tries to log in to one account, see package login
	Max     map[Category]int
}

// FromEnv reads RATE_LIMIT_{WINDOW,ACCOUNT,AUTH,MANAGEMENT,READ,WRITE}.
func FromEnv(e *env.Reader) Limits {
	l := Limits{
		Window:  e.Seconds("RATE_LIMIT_WINDOW"),
		Account: e.Int("RATE_LIMIT_ACCOUNT", 0),
		Max:     map[Category]int{},
	}
	for _, c := range Categories {
		l.Max[c] = e.Int("RATE_LIMIT_"+strings.ToUpper(string(c)), 0)
	}
	return l
}

// For returns the limit of a category, or nil if it has none.
func (l Limits) For(c Category) *Limit { return l.limit(c, l.Max[c]) }

// ForAccount returns the limit of tries to log in to one account, or nil if there is none.
func (l Limits) ForAccount() *Limit { return l.limit(Auth, l.Account) }

func (l Limits) limit(c Category, max int) *Limit {
	if max == 0 {
		return nil
	}
	return &Limit{Category: c, Max: max, Window: l.Window}
}

// A Limit admits Max requests in each Window.
type Limit struct {
	Category Category
	Max      int
	Window   time.Duration
}

// Index returns the number of the window that contains now.
func (l Limit) Index(now time.Time) int64 { return now.Unix() / int64(l.Window.Seconds()) }

// State returns a caller's state after count requests in window index.
func (l Limit) State(index int64, count int, now time.Time) State {
	return l.StateUntil(time.Unix((index+1)*int64(l.Window.Seconds()), 0), count, now)
}

// StateUntil returns a caller's state after count requests in a window that ends at end.
func (l Limit) StateUntil(end time.Time, count int, now time.Time) State {
	return State{
		Category:   l.Category,
		Max:        l.Max,
		Remaining:  max(0, l.Max-count),
		Reset:      end.Unix(),
		RetryAfter: max(1, int64((end.Sub(now)+time.Second-1)/time.Second)),
		Window:     int64(l.Window.Seconds()),
	}
}

// A State has the values of the headers. Its zero value means "not limited".
type State struct {
	Category   Category
	Max        int
	Remaining  int
	Reset      int64 // epoch seconds at which the window ends
	RetryAfter int64 // whole seconds until then, at least 1
	Window     int64 // seconds

	Quota quota.State // of the same caller
}

// Headers returns X-RateLimit-*, and RateLimit and RateLimit-Policy as
// draft-ietf-httpapi-ratelimit-headers defines them, where a quota is a second policy.
func (s State) Headers() map[string]string {
	if s.Max == 0 && s.Quota.Limit == 0 {
		return nil
	}
	headers := map[string]string{}
	var left, policies []string
	if s.Max != 0 {
		headers["X-RateLimit-Limit"] = strconv.Itoa(s.Max)
		headers["X-RateLimit-Remaining"] = strconv.Itoa(s.Remaining)
		headers["X-RateLimit-Reset"] = strconv.FormatInt(s.Reset, 10)
		left = append(left, fmt.Sprintf("%q;r=%d;t=%d", s.Category, s.Remaining, s.RetryAfter))
		policies = append(policies, fmt.Sprintf("%q;q=%d;w=%d", s.Category, s.Max, s.Window))
	}
	if s.Quota.Limit != 0 {
		one, policy := s.Quota.Lines()
		left, policies = append(left, one), append(policies, policy)
	}
	headers["RateLimit"], headers["RateLimit-Policy"] = strings.Join(left, ", "), strings.Join(policies, ", ")
	return headers
}

// Subject returns the name under which an address is counted: the address itself, or for IPv6 its
// /64, because one subscriber has a whole /64.
func Subject(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
