package gateway_test

import (
	"context"
	"slices"
	"testing"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/scope"
)

func TestPrincipalIsTheCallerThatTheAuthorizerWrote(t *testing.T) {
	callers := []gateway.Caller{
		{Type: gateway.User, UserID: "usr_A", Email: "a@example.com", Role: "admin", Project: "prj_A", SessionID: "ses_A", Scopes: scope.Set{"admin", "read:stats"}, ExpiresAt: 4102444800},
		{Type: gateway.Key, KeyID: "key1", KeyType: "secret", UserID: "usr_B", Email: "b@example.com", Role: "member", Project: "prj_B", Scopes: scope.Set{"read:stats"}, KeyGeneration: 3},
		{Type: gateway.Client, KeyID: "key2", KeyType: "scoped", UserID: "usr_C", Role: "member", Project: "prj_C", TokenID: "jti", KeyGeneration: 1},
		{Type: gateway.Ticket, UserID: "usr_D", Project: "prj_D", RunID: "run_D", Scopes: scope.Set{"read:events"}, ExpiresAt: 4102444800},
	}
	for _, want := range callers {
		got, id := gateway.Caller{}, ""
		f := gateway.Protected(func(_ context.Context, _ *gateway.Request, p gateway.Principal) (gateway.Response, error) {
			id = p.ID()
			got = gateway.Caller{
				Type: p.Type(), UserID: p.UserID(), Email: p.Email(), Role: p.Role(), Project: p.Project(),
				KeyID: p.KeyID(), KeyType: p.KeyType(), SessionID: p.SessionID(), Scopes: p.Scopes(), ExpiresAt: p.ExpiresAt(),
				TokenID: p.TokenID(), RunID: p.RunID(), KeyGeneration: p.KeyGeneration(),
			}
			return gateway.NoContent(), nil
		}, gateway.Ticket)
		gatewaytest.Do(t, f, call(want.Context()))
		if id != want.ID() {
			t.Errorf("%s: the principal's id is %q, want %q", want.Type, id, want.ID())
		}
		if !slices.Equal(got.Scopes, want.Scopes) {
			t.Errorf("%s: the scopes are %v, want %v", want.Type, got.Scopes, want.Scopes)
		}
		got.Scopes, want.Scopes = nil, nil
		if g, w := got.Context(), want.Context(); len(g) != len(w) {
			t.Errorf("%s: read %v, want %v", want.Type, g, w)
		} else {
			for name, value := range w {
				if g[name] != value {
					t.Errorf("%s: %s is %v, want %v", want.Type, name, g[name], value)
				}
			}
		}
	}
}

func TestWhatDoesNotApplyToACallerIsAbsentFromTheContext(t *testing.T) {
	user := gateway.Caller{Type: gateway.User, UserID: "usr_A", SessionID: "ses_A"}.Context()
	key := gateway.Caller{Type: gateway.Key, UserID: "usr_A", KeyID: "key1", KeyType: "scoped"}.Context()
	for name, values := range map[string]map[string]any{gateway.CtxKey: user, gateway.CtxKeyType: user, gateway.CtxSession: key} {
		if value, there := values[name]; there {
			t.Errorf("%s is %q", name, value)
		}
	}
}
