package apikey

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/ratelimit"
)

// A View is a key as callers see it. Name and label, permissions and scopes, created_at and
// createdAt are one thing in the words of different dialects (docs/dialects.md).
type View struct {
	ID          string               `json:"id"`
	Name        string               `json:"name"`
	Label       string               `json:"label"`
	Key         string               `json:"key"` // in full only in the answer that created it
	Type        Type                 `json:"type"`
	ProjectID   string               `json:"project_id"`
	CustomerID  *string              `json:"customer_id"` // null: made for no customer
	Scopes      []string             `json:"scopes"`
	Permissions []string             `json:"permissions"`
	Status      string               `json:"status"`
	Disabled    bool                 `json:"disabled"`
	CreatedAt   time.Time            `json:"created_at"`
	CreatedAt2  time.Time            `json:"createdAt"`
	CreatedBy   *string              `json:"created_by"` // id of a key; null if a user made it
	ExpiresAt   *time.Time           `json:"expires_at"`
	RevokedAt   *time.Time           `json:"revoked_at"`
	OldUntil    *time.Time           `json:"previous_valid_until"` // of the secret before the regeneration; null if it is not good
	LastUsedAt  *time.Time           `json:"last_used_at"`
	RateLimit   *ratelimit.Overrides `json:"rate_limit"`
	Quota       *quota.View          `json:"quota"`
	Metadata    map[string]string    `json:"metadata"`
	AllowedIPs  []string             `json:"allowed_ips"`
	Owner       *Owner               `json:"owner,omitempty"` // in lists that an administrator asks for of others' keys
}

// An Owner is the user who answers for a key.
type Owner struct {
	ID    string `json:"id"`
	Email string `json:"email"`
}

// View returns the key with its secret masked.
func (k *Key) View(now time.Time) View {
	v := View{
		ID: k.ID, Name: k.Label, Label: k.Label, Key: k.Masked, Type: k.Type, ProjectID: k.Project,
		Scopes: k.Scopes, Permissions: k.Scopes, Status: k.State(now), Disabled: k.DisabledAt != nil,
		CreatedAt: k.CreatedAt, CreatedAt2: k.CreatedAt, RevokedAt: k.RevokedAt,
		ExpiresAt: moment(k.ExpiresAt), LastUsedAt: moment(k.LastUsedAt),
		Quota: k.Quota.State(now).View(), Metadata: k.Metadata, AllowedIPs: k.AllowedIPs,
	}
	if k.PrevHash != "" && now.Unix() < k.PrevUntil && k.RevokedAt == nil {
		v.OldUntil = moment(k.Until(k.Generation - 1))
	}
	if k.Overrides != (ratelimit.Overrides{}) {
		v.RateLimit = &k.Overrides
	}
	if k.CreatedBy != "" {
		v.CreatedBy = &k.CreatedBy
	}
	if k.Customer != "" {
		v.CustomerID = &k.Customer
	}
	if v.Metadata == nil {
		v.Metadata = map[string]string{}
	}
	if v.AllowedIPs == nil {
		v.AllowedIPs = []string{}
	}
	return v
}

// OverseenView is the View for an administrator who sees the keys of others.
func (k *Key) OverseenView(now time.Time) View {
	v := k.View(now)
	v.Owner = &Owner{k.Owner, k.OwnerEmail}
	return v
}

func moment(epoch int64) *time.Time {
	if epoch == 0 {
		return nil
	}
	t := time.Unix(epoch, 0).UTC()
	return &t
}

// LabelProblem returns what is wrong with a label or another name, or "" if nothing is.
func LabelProblem(label string) string {
	n := utf8.RuneCountInString(label)
	if n < 1 || n > 100 || !utf8.ValidString(label) || strings.TrimSpace(label) != label || strings.ContainsFunc(label, deceives) {
		return "must have 1 to 100 characters, none of them a control character or one that turns the direction of writing, and no space at either end"
	}
	return ""
}

// deceives reports whether a character is not seen itself, and changes how others are shown.
func deceives(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
