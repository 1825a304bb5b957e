package newkey

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
)

// A Change is a JSON merge patch (RFC 7396) of a key: a member that is absent stays as it is, and null
// removes what may be absent. As in a Request, label and name are one thing, and so are scopes and
// permissions.
type Change struct {
	Label       json.RawMessage `json:"label"`
	Name        json.RawMessage `json:"name"`
	Scopes      json.RawMessage `json:"scopes"`
	Permissions json.RawMessage `json:"permissions"`
	ExpiresAt   json.RawMessage `json:"expires_at"`  // null: never
	RateLimit   json.RawMessage `json:"rate_limit"`  // null, also for one category: the deployment's
	Quota       json.RawMessage `json:"quota"`       // null: none; see changeQuota
	Metadata    json.RawMessage `json:"metadata"`    // null: none; a name with null: without that name
	AllowedIPs  json.RawMessage `json:"allowed_ips"` // null: all addresses
	Disabled    json.RawMessage `json:"disabled"`
	Owner       json.RawMessage `json:"owner"`                // alone: see NewOwner
	OldUntil    json.RawMessage `json:"previous_valid_until"` // null: the secret before the regeneration ends now
}

// Of returns the key as the change makes it. It checks every field, and returns everything that is
// wrong in one error.
func (c Change) Of(k apikey.Key, now time.Time) (apikey.Key, error) {
	var wrong []problem.Field
	change := func(field string, raw json.RawMessage, apply func(*apikey.Key, json.RawMessage) string) {
		if raw == nil {
			return
		}
		if message := apply(&k, raw); message != "" {
			wrong = append(wrong, problem.Field{Field: field, Message: message})
		}
	}
	for _, twice := range [][2]json.RawMessage{{c.Label, c.Name}, {c.Scopes, c.Permissions}} {
		if twice[0] != nil && twice[1] != nil {
			return k, problem.Validation(problem.Field{Message: "label and name are the same thing, and so are scopes and permissions; send one"})
		}
	}
	change("label", c.Label, changeLabel)
	change("name", c.Name, changeLabel)
	change("scopes", c.Scopes, changeScopes)
	change("permissions", c.Permissions, changeScopes)
	change("expires_at", c.ExpiresAt, func(k *apikey.Key, raw json.RawMessage) string { return changeExpiry(k, raw, now) })
	change("rate_limit", c.RateLimit, changeLimits)
	change("quota", c.Quota, func(k *apikey.Key, raw json.RawMessage) string { return changeQuota(k, raw, now) })
	change("metadata", c.Metadata, changeMetadata)
	change("allowed_ips", c.AllowedIPs, changeAddresses)
	change("previous_valid_until", c.OldUntil, endOld)
	change("disabled", c.Disabled, func(k *apikey.Key, raw json.RawMessage) string { return changeDisabled(k, raw, now) })
	if wrong != nil {
		return k, problem.Validation(wrong...)
	}
	return k, nil
}

// NewOwner returns the id of the user to whom the key is to be handed, or "" if the change is none of
// that kind.
func (c Change) NewOwner() (string, error) {
	if c.Owner == nil {
		return "", nil
	}
	id := ""
	if json.Unmarshal(c.Owner, &id) != nil || id == "" {
		return "", problem.Validation(problem.Field{Field: "owner", Message: "must be the id of a user"})
	}
	for _, other := range []json.RawMessage{
		c.Label, c.Name, c.Scopes, c.Permissions, c.ExpiresAt, c.RateLimit, c.Quota, c.Metadata, c.AllowedIPs, c.Disabled, c.OldUntil,
	} {
		if other != nil {
			return "", problem.Validation(problem.Field{Field: "owner", Message: "must be changed alone"})
		}
	}
	return id, nil
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

func changeLabel(k *apikey.Key, raw json.RawMessage) string {
	var label *string
	if json.Unmarshal(raw, &label) != nil || label == nil {
		return "must be a text"
	}
	k.Label = *label
	return apikey.LabelProblem(k.Label)
}

// changeScopes leaves scopes that are the same as they are, also those that the catalogue no longer has.
func changeScopes(k *apikey.Key, raw json.RawMessage) string {
	var words []string
	if json.Unmarshal(raw, &words) != nil || isNull(raw) {
		return "must be a list of scopes"
	}
	if slices.Equal(words, k.Scopes) {
		return ""
	}
	set, message := parseScopes(words)
	if beyond := k.Type.Ceiling(scope.Default()).Missing(set); beyond != nil {
		return "a key of type " + string(k.Type) + " cannot have " + strings.Join(beyond, ", ")
	}
	if message == "" && !slices.Equal(set, k.Scopes) {
		k.Scopes = set
	}
	return message
}

func changeExpiry(k *apikey.Key, raw json.RawMessage, now time.Time) (message string) {
	var text *string
	if json.Unmarshal(raw, &text) != nil {
		return "must be a time, or null for never"
	}
	k.ExpiresAt, message = expiry(text, now)
	return message
}

func changeLimits(k *apikey.Key, raw json.RawMessage) string {
	var each map[ratelimit.Category]json.RawMessage
	if isNull(raw) || json.Unmarshal(raw, &each) != nil { // none, or one number for all
		own, message := overrides(raw)
		k.Overrides = own
		return message
	}
	own := k.Overrides
	for category, limit := range each {
		if isNull(limit) && slices.Contains(ratelimit.Categories, category) {
			own.Set(category, 0)
			delete(each, category)
		}
	}
	rest, err := json.Marshal(each)
	if err != nil {
		return err.Error()
	}
	set, message := overrides(rest)
	for category := range each {
		own.Set(category, set.Of(category))
	}
	k.Overrides = own
	return message
}

func changeMetadata(k *apikey.Key, raw json.RawMessage) string {
	var changed map[string]*string
	if json.Unmarshal(raw, &changed) != nil {
		return "must be an object of texts, or null for none"
	}
	merged := map[string]string{}
	if changed != nil {
		maps.Copy(merged, k.Metadata)
	}
	named := map[string]string{} // also those that it removes
	for name, value := range changed {
		if value == nil {
			delete(merged, name)
			named[name] = ""
		} else {
			merged[name], named[name] = *value, *value
		}
	}
	k.Metadata = merged
	return cmp.Or(metadataProblem(named), metadataProblem(merged))
}

func changeAddresses(k *apikey.Key, raw json.RawMessage) (message string) {
	var texts []string
	if json.Unmarshal(raw, &texts) != nil {
		return "must be a list of IP addresses and CIDR blocks, or null for all"
	}
	k.AllowedIPs, message = networks(texts)
	return message
}

// endOld ends the grace of the secret before the regeneration. No change begins or prolongs one.
func endOld(k *apikey.Key, raw json.RawMessage) string {
	if !isNull(raw) {
		return "must be null, which ends the old secret"
	}
	k.PrevUntil = 0
	return ""
}

func changeDisabled(k *apikey.Key, raw json.RawMessage, now time.Time) string {
	var disabled *bool
	if json.Unmarshal(raw, &disabled) != nil || disabled == nil {
		return "must be true or false"
	}
	switch {
	case !*disabled:
		k.DisabledAt = nil
	case k.DisabledAt == nil:
		at := now.UTC()
		k.DisabledAt = &at
	}
	return ""
}
