package gateway

import (
	"maps"
	"strconv"

	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
)

// Names of the values that the authorizer passes to the function, in requestContext.authorizer.
// They are a public interface: functions in any language read them (docs/context.md).
const (
	CtxType      = "type"        // "user", "key" or "client"; "ticket" and "setup" only for the functions that take them
	CtxPrincipal = "principal"   // id of the user, or of the key
	CtxUser      = "user_id"     // the user, or the owner of the key
	CtxEmail     = "email"       // the user's, or the owner's; absent for a client key
	CtxRole      = "role"        // "admin" or "member"
	CtxProject   = "project_id"  // of the key; the default one of a user
	CtxKey       = "key_id"      // absent for a user
	CtxCustomer  = "customer_id" // for whom the key was made; absent for a user, and for a key of no customer
	CtxKeyType   = "key_type"    // absent for a user
	CtxSession   = "session_id"  // absent for a key
	CtxToken     = "token_id"    // jti of a client-credentials token; absent for all others
	CtxRun       = "run_id"      // of a ticket; absent for all others
	CtxScopes    = "scopes"      // separated by spaces
	CtxExpires   = "expires_at"  // of the credential, epoch seconds; 0 for never

	CtxGeneration = "key_generation" // of the key's secret, counted from 1; absent for a user

	CtxLimitCategory = "limit_category" // this and the next five only if the caller is limited
	CtxLimit         = "limit"
	CtxRemaining     = "limit_remaining"
	CtxReset         = "limit_reset"  // epoch seconds
	CtxWindow        = "limit_window" // seconds
	CtxRetryAfter    = "retry_after"  // seconds until limit_reset

	CtxQuota           = "quota" // this and the next only if the key has a quota
	CtxQuotaRemaining  = "quota_remaining"
	CtxQuotaPeriod     = "quota_period"      // "month" or "day"; this and the next three are absent for credits
	CtxQuotaReset      = "quota_reset"       // epoch seconds
	CtxQuotaWindow     = "quota_window"      // seconds, the length of the period
	CtxQuotaRetryAfter = "quota_retry_after" // seconds until quota_reset

	CtxRefusal = "refusal"        // an error_code; then there is no principal
	CtxReason  = "refusal_reason" // of FORBIDDEN, a word of problem.Reasons; absent if there is none
)

// A Caller is the sender of a request, as the authorizer found it. The authorizer writes the
// Caller into the context, and a Principal is read from there.
type Caller struct {
	Type      PrincipalType
	UserID    string // the user, or the owner of the key
	Email     string // of that user
	Role      string
	Project   string
	KeyID     string // "" for a user
	KeyType   string // "" for a user
	Customer  string // for whom the key was made, or ""
	SessionID string // "" for a key
	TokenID   string // of a client-credentials token, "" for all others
	RunID     string // of a ticket, "" for all others
	Scopes    scope.Set
	ExpiresAt int64 // of the credential, epoch seconds; 0 for never

	KeyGeneration int // of the key's secret to which the credential belongs, counted from 1; 0 for a user
}

// ID returns the id of the principal: the key's, or the user's.
func (c Caller) ID() string {
	if c.KeyID != "" {
		return c.KeyID
	}
	return c.UserID
}

// Context returns the values that the authorizer passes on for the caller.
func (c Caller) Context() map[string]any {
	values := map[string]any{
		CtxType: string(c.Type), CtxPrincipal: c.ID(), CtxUser: c.UserID, CtxRole: c.Role,
		CtxProject: c.Project, CtxScopes: c.Scopes.String(), CtxExpires: strconv.FormatInt(c.ExpiresAt, 10),
	}
	for name, value := range map[string]string{
		CtxEmail: c.Email, CtxKey: c.KeyID, CtxKeyType: c.KeyType, CtxCustomer: c.Customer, CtxSession: c.SessionID, CtxToken: c.TokenID, CtxRun: c.RunID,
	} {
		if value != "" {
			values[name] = value
		}
	}
	if c.KeyGeneration != 0 {
		values[CtxGeneration] = strconv.Itoa(c.KeyGeneration)
	}
	return values
}

// LimitContext returns the values that the authorizer passes on about the caller's rate limit and quota;
// none if there is neither.
func LimitContext(s ratelimit.State) map[string]any {
	values := quotaContext(s.Quota)
	if s.Max == 0 {
		return values
	}
	limit := map[string]any{
		CtxLimitCategory: string(s.Category),
		CtxLimit:         strconv.Itoa(s.Max),
		CtxRemaining:     strconv.Itoa(s.Remaining),
		CtxReset:         strconv.FormatInt(s.Reset, 10),
		CtxWindow:        strconv.FormatInt(s.Window, 10),
		CtxRetryAfter:    strconv.FormatInt(s.RetryAfter, 10),
	}
	maps.Copy(limit, values)
	return limit
}

func quotaContext(s quota.State) map[string]any {
	if s.Limit == 0 {
		return nil
	}
	values := map[string]any{CtxQuota: strconv.FormatInt(s.Limit, 10), CtxQuotaRemaining: strconv.FormatInt(s.Remaining, 10)}
	if s.Period != quota.Credits {
		values[CtxQuotaPeriod] = string(s.Period)
		values[CtxQuotaReset] = strconv.FormatInt(s.Reset, 10)
		values[CtxQuotaRetryAfter] = strconv.FormatInt(s.RetryAfter, 10)
		values[CtxQuotaWindow] = strconv.FormatInt(s.Window, 10)
	}
	return values
}

// authorizerContext returns requestContext.authorizer. API Gateway turns every value into a
// string; sam local keeps numbers.
type authorizerContext map[string]any

func (c authorizerContext) text(name string) string {
	switch v := c[name].(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

func (c authorizerContext) number(name string) int64 {
	n, _ := strconv.ParseInt(c.text(name), 10, 64)
	return n
}

func (c authorizerContext) limit() ratelimit.State {
	return ratelimit.State{
		Category:   ratelimit.Category(c.text(CtxLimitCategory)),
		Max:        int(c.number(CtxLimit)),
		Remaining:  int(c.number(CtxRemaining)),
		Reset:      c.number(CtxReset),
		RetryAfter: c.number(CtxRetryAfter),
		Window:     c.number(CtxWindow),
		Quota: quota.State{
			Limit:      c.number(CtxQuota),
			Period:     quota.Period(c.text(CtxQuotaPeriod)),
			Remaining:  c.number(CtxQuotaRemaining),
			Reset:      c.number(CtxQuotaReset),
			RetryAfter: c.number(CtxQuotaRetryAfter),
			Window:     c.number(CtxQuotaWindow),
		},
	}
}
