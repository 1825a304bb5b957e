// Package newkey reads a key as a caller describes it who wants to create, import or change it.
package newkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
)

// A Request is the description. The runs dialect says label, where scopes and key types say name; the
// scopes dialect says permissions, where key types says scopes (docs/dialects.md).
type Request struct {
	Label       *string           `json:"label"`
	Name        *string           `json:"name"`
	Type        string            `json:"type"`
	ProjectID   string            `json:"project_id"`
	CustomerID  string            `json:"customer_id"`
	Scopes      *[]string         `json:"scopes"`
	Permissions *[]string         `json:"permissions"`
	ExpiresAt   *string           `json:"expires_at"` // RFC 3339
	RateLimit   json.RawMessage   `json:"rate_limit"` // a number for every category, or one for each
	Quota       *Quota            `json:"quota"`
	Metadata    map[string]string `json:"metadata"`
	AllowedIPs  []string          `json:"allowed_ips"` // addresses and CIDR blocks
}

// Bounds of a request.
const (
	maxMetadata      = 50
	maxMetadataName  = 64
	maxMetadataValue = 512
	maxMetadataBytes = 4096 // each check of the key reads the whole item
	maxAllowedIPs    = 50
	maxLimit         = 1_000_000
)

// Wanted is a Request that was checked.
type Wanted struct {
	Key         apikey.Key // without id, owner, project, scopes and secret
	Scopes      scope.Set  // nil: the request names none
	scopesField string
}

// Read checks every field, and returns everything that is wrong in one error; also what the caller
// found wrong with others.
func (b Request) Read(now time.Time, also ...problem.Field) (Wanted, error) {
	wrong := also
	check := func(field, message string) {
		if message != "" {
			wrong = append(wrong, problem.Field{Field: field, Message: message})
		}
	}
	w := Wanted{Key: apikey.Key{CreatedAt: now.UTC(), Metadata: b.Metadata}}

	field, label := b.label()
	w.Key.Label = label
	check(field, apikey.LabelProblem(label))
	if b.Label != nil && b.Name != nil && *b.Label != *b.Name {
		check("name", "label and name are the same thing; send one")
	}

	var ok bool
	if w.Key.Type, ok = apikey.ParseType(b.Type); !ok {
		check("type", "must be scoped, secret, client or read_only")
	}

	var message string
	w.scopesField, w.Scopes, message = b.scopes()
	check(w.scopesField, message)
	w.Key.ExpiresAt, message = expiry(b.ExpiresAt, now)
	check("expires_at", message)
	w.Key.Overrides, message = overrides(b.RateLimit)
	check("rate_limit", message)
	w.Key.Quota, message = b.Quota.read(now)
	check("quota", message)
	check("metadata", metadataProblem(b.Metadata))
	w.Key.AllowedIPs, message = networks(b.AllowedIPs)
	check("allowed_ips", message)

	if wrong != nil {
		return Wanted{}, problem.Validation(wrong...)
	}
	return w, nil
}

func (b Request) label() (field, label string) {
	switch {
	case b.Label != nil:
		return "label", *b.Label
	case b.Name != nil:
		return "name", *b.Name
	}
	return "name", ""
}

func (b Request) scopes() (field string, set scope.Set, message string) {
	field, words := "scopes", b.Scopes
	if words == nil {
		field, words = "permissions", b.Permissions
	} else if b.Permissions != nil {
		return field, nil, "scopes and permissions are the same thing; send one"
	}
	if words == nil {
		return field, nil, ""
	}
	set, message = parseScopes(*words)
	return field, set, message
}

func parseScopes(words []string) (set scope.Set, message string) {
	if len(words) == 0 {
		return nil, "must name at least one scope, or be left out"
	}
	set, err := scope.Default().Parse(words)
	if unknown := (*scope.UnknownError)(nil); errors.As(err, &unknown) {
		return nil, unknown.Error()
	}
	return set, ""
}

func expiry(text *string, now time.Time) (epoch int64, message string) {
	if text == nil {
		return 0, ""
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		return 0, "must be an ISO 8601 time with its offset, such as 2030-01-31T12:00:00Z"
	}
	if at.Unix() <= now.Unix() {
		return 0, "must be in the future"
	}
	if at.UTC().Year() > 9999 { // RFC 3339 cannot write it, so no answer could show the key
		return 0, "must be before the year 10000"
	}
	return at.Unix(), ""
}

func overrides(raw json.RawMessage) (o ratelimit.Overrides, message string) {
	const form = "must be a whole number from 1 to 1000000 of requests in a window, or an object with such numbers for auth, management, read or write"
	if len(raw) == 0 || string(raw) == "null" {
		return o, ""
	}
	var every int
	if json.Unmarshal(raw, &every) == nil {
		if every < 1 || every > maxLimit {
			return o, form
		}
		return ratelimit.Overrides{Auth: every, Management: every, Read: every, Write: every}, ""
	}
	var each map[ratelimit.Category]int
	if json.Unmarshal(raw, &each) != nil {
		return o, form
	}
	for category, limit := range each {
		if !slices.Contains(ratelimit.Categories, category) || limit < 1 || limit > maxLimit {
			return ratelimit.Overrides{}, form
		}
		o.Set(category, limit)
	}
	return o, ""
}

func metadataProblem(m map[string]string) string {
	if len(m) > maxMetadata {
		return fmt.Sprintf("must have at most %d entries", maxMetadata)
	}
	size := 0
	for name, value := range m {
		size += len(name) + len(value)
		if name == "" || utf8.RuneCountInString(name) > maxMetadataName || utf8.RuneCountInString(value) > maxMetadataValue {
			return fmt.Sprintf("names must have 1 to %d characters, values at most %d", maxMetadataName, maxMetadataValue)
		}
	}
	if size > maxMetadataBytes {
		return fmt.Sprintf("must have at most %d bytes in all", maxMetadataBytes)
	}
	return ""
}

// networks reads addresses and CIDR blocks. An address is a block of one.
func networks(texts []string) (blocks []string, message string) {
	if len(texts) > maxAllowedIPs {
		return nil, fmt.Sprintf("must have at most %d entries", maxAllowedIPs)
	}
	for _, text := range texts {
		block, err := netip.ParsePrefix(text)
		if err != nil {
			ip, err := netip.ParseAddr(text)
			if err != nil || ip.Zone() != "" {
				return nil, fmt.Sprintf("%q is neither an IP address nor a CIDR block", text)
			}
			block = netip.PrefixFrom(ip, ip.BitLen())
		}
		// A caller's address is compared as IPv4 where it is one.
		if ip := block.Addr(); ip.Is4In6() && block.Bits() >= 96 {
			block = netip.PrefixFrom(ip.Unmap(), block.Bits()-96)
		}
		if block.Addr().Is4In6() {
			return nil, fmt.Sprintf("%q would match no address; write it as an IPv4 block", text)
		}
		blocks = append(blocks, block.Masked().String())
	}
	return blocks, ""
}

// Granted returns the scopes of the new key: no more than its type allows, and none that the caller
// does not hold. A request that names no scopes gets all of those but admin.
func (w Wanted) Granted(by apikey.Maker) (scope.Set, error) {
	ceiling := w.Key.Type.Ceiling(scope.Default())
	granted := w.Scopes
	if granted == nil {
		granted = ceiling.Intersect(by.Scopes).Intersect(scope.Default().AllButAdmin())
	}
	if beyond := ceiling.Missing(granted); beyond != nil {
		return nil, problem.Validation(problem.Field{
			Field: w.scopesField, Message: "a key of type " + string(w.Key.Type) + " cannot have " + strings.Join(beyond, ", "),
		})
	}
	if beyond := by.Scopes.Missing(granted); beyond != nil || len(granted) == 0 {
		return nil, NotHeld(by, beyond)
	}
	return granted, nil
}

// NotHeld refuses to grant scopes that the maker does not hold. Those of their role a user lacks only until
// the next login: they came into the catalogue after the last one.
func NotHeld(by apikey.Maker, lacks scope.Set) error {
	names := strings.Join(lacks, ", ")
	if lacks != nil && by.ByRole.Missing(lacks) == nil {
		return problem.InsufficientScope.WithDetail("Your login does not hold " + names + " yet: log in again, or refresh your token")
	}
	return problem.InsufficientScope.WithDetail("You cannot grant a scope that you do not hold: " + names)
}
