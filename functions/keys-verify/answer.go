package main

import (
	"encoding/json"
	"maps"
	"strconv"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/ratelimit"
)

// An answer tells of one key. Whoever has not the whole key learns nothing but the code.
type answer struct {
	Valid bool   `json:"valid"`
	Code  string `json:"code"` // VALID, or an error_code
	*known
	Limit *limit      `json:"limit,omitempty"` // of the key, in the window in which it was counted
	Quota *quota.View `json:"quota,omitempty"` // of the key, if it has one
	// What the caller of the other API should get: headers with every answer, and the body of a refusal.
	Headers map[string]string `json:"headers"`
	Problem json.RawMessage   `json:"problem,omitempty"`
}

// known is what the holder of a key may know of it.
type known struct {
	KeyID     string            `json:"key_id"`
	Label     string            `json:"label"`
	Type      apikey.Type       `json:"type"`
	OwnerID   string            `json:"owner_id"`
	ProjectID string            `json:"project_id"`
	Customer  *string           `json:"customer_id,omitempty"`
	Scopes    []string          `json:"scopes"`
	Metadata  map[string]string `json:"metadata"`
	ExpiresAt *time.Time        `json:"expires_at"`
}

// A limit has the values of the headers that a caller of the other API should get.
type limit struct {
	Category   ratelimit.Category `json:"category"`
	Limit      int                `json:"limit"`
	Remaining  int                `json:"remaining"`
	Reset      int64              `json:"reset"`  // epoch seconds
	Window     int64              `json:"window"` // seconds
	RetryAfter int64              `json:"retry_after,omitempty"`
}

func good(i authn.Identity) answer {
	return answer{
		Valid: true, Code: "VALID", known: describe(i),
		Limit: limitOf(i.Limit, nil), Quota: quotaOf(i.Limit.Quota, nil), Headers: headers(i.Limit, nil),
	}
}

func refused(i authn.Identity, p *problem.Problem, requestID string) answer {
	if p == problem.QuotaExceeded {
		p = gateway.OverQuota(i.Limit.Quota)
	}
	a := answer{
		Code: p.Code, Limit: limitOf(i.Limit, p), Quota: quotaOf(i.Limit.Quota, p),
		Headers: headers(i.Limit, p), Problem: p.Body(requestID, ""),
	}
	if i.Proven {
		a.known = describe(i)
	}
	return a
}

// headers returns those of the limit, and of a refusal its own.
func headers(s ratelimit.State, p *problem.Problem) map[string]string {
	all := map[string]string{}
	maps.Copy(all, s.Headers())
	if p == nil {
		return all
	}
	maps.Copy(all, p.Header)
	if p.Code == problem.RateLimitExceeded.Code {
		all["Retry-After"] = strconv.FormatInt(s.RetryAfter, 10)
	}
	return all
}

func describe(i authn.Identity) *known {
	view := i.Key.View(time.Time{})
	k := known{
		KeyID: view.ID, Label: view.Label, Type: view.Type, OwnerID: i.Key.Owner, ProjectID: view.ProjectID, Customer: view.CustomerID,
		Scopes: i.Key.Grants(), Metadata: view.Metadata, ExpiresAt: view.ExpiresAt,
	}
	if i.Expires != 0 { // an old secret in its grace expires before its key
		at := time.Unix(i.Expires, 0).UTC()
		k.ExpiresAt = &at
	}
	if k.Scopes == nil {
		k.Scopes = []string{}
	}
	return &k
}

func limitOf(s ratelimit.State, p *problem.Problem) *limit {
	if s.Max == 0 {
		return nil
	}
	l := limit{Category: s.Category, Limit: s.Max, Remaining: s.Remaining, Reset: s.Reset, Window: s.Window}
	if p != nil && p.Code == problem.RateLimitExceeded.Code {
		l.RetryAfter = s.RetryAfter
	}
	return &l
}

func quotaOf(s quota.State, p *problem.Problem) *quota.View {
	v := s.View()
	if v != nil && p != nil && p.Code == problem.QuotaExceeded.Code {
		v.RetryAfter = s.RetryAfter
	}
	return v
}
