package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

// TestNoCredentialRegeneratesAKeyThatExceedsOrOutlivesIt gives each caller each key: after a
// refusal the key must be as it was.
func TestNoCredentialRegeneratesAKeyThatExceedsOrOutlivesIt(t *testing.T) {
	ctx, s, now := context.Background(), storetest.New(t), time.Now()
	text := `{"current":"1","1":"` + strings.Repeat("p", 32) + `"}`
	limits := ratelimit.Limits{Max: map[ratelimit.Category]int{ratelimit.Read: 100}}
	f := gateway.Protected(handler{s, secret.NewSource(func(context.Context) (string, error) { return text, nil }, time.Now), time.Hour, 100, limits}.serve)
	soon, later := now.Add(time.Minute).Unix(), now.Add(time.Hour).Unix()

	kinds := map[string]func(*apikey.Key){
		"plain":       func(*apikey.Key) {},
		"ends soon":   func(k *apikey.Key) { k.ExpiresAt = soon },
		"ends later":  func(k *apikey.Key) { k.ExpiresAt = later },
		"bound":       func(k *apikey.Key) { k.AllowedIPs = []string{"192.0.2.0/24"} },
		"bound close": func(k *apikey.Key) { k.AllowedIPs = []string{"192.0.2.7/32"} },
		"slow":        func(k *apikey.Key) { k.Read = 10 },
		"fast":        func(k *apikey.Key) { k.Read = 1000 },
		"reads":       func(k *apikey.Key) { k.Scopes = []string{"read:stats"} },
		"in grace":    func(k *apikey.Key) { k.Generation, k.PrevHash, k.PrevUntil = 2, "1:old", soon },
	}
	newKey := func(kind string) apikey.Key {
		t.Helper()
		k := apikey.Key{
			ID: apikey.NewID(), Type: apikey.Scoped, Owner: "usr_A", Project: "prj_A", Prefix: "gf_", Scopes: scope.Default().All(),
			Hash: "1:hash", Generation: 1, CreatedAt: now,
		}
		kinds[kind](&k)
		if err := s.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
			t.Fatal(err)
		}
		return k
	}
	caller := func(k apikey.Key, until int64) map[string]any {
		as := gatewaytest.Key(k.ID, string(k.Type), k.Owner, k.Project, strings.Join(k.Scopes, " "))
		as[gateway.CtxExpires] = fmt.Sprint(until)
		return as
	}
	check := func(name string, as map[string]any, target apikey.Key, allowed bool) {
		t.Helper()
		before, err := s.Key(ctx, target.ID)
		if err != nil {
			t.Fatal(err)
		}
		a := gatewaytest.Do(t, f, gatewaytest.Call{
			Method: "POST", Resource: "/api/v1/auth/api-keys/{id}/regenerate", Path: map[string]string{"id": target.ID}, Authorizer: as,
		})
		after, err := s.Key(ctx, target.ID)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case allowed && a.Status != 200:
			t.Errorf("%s: status %d, want 200: %s", name, a.Status, a.Body)
		case !allowed && a.Status != 403:
			t.Errorf("%s: status %d, want 403: %s", name, a.Status, a.Body)
		case !allowed && a.Code(t) != "FORBIDDEN":
			t.Errorf("%s: error_code %s, want FORBIDDEN", name, a.Code(t))
		case !allowed && fmt.Sprint(after) != fmt.Sprint(before):
			t.Errorf("%s: refused, but the key has changed", name)
		}
	}

	all := []string{"plain", "ends soon", "ends later", "bound", "bound close", "slow", "fast", "reads", "in grace"}
	for by, may := range map[string][]string{
		"plain":       {"plain", "ends soon", "ends later", "bound", "bound close", "slow", "reads", "in grace"},
		"ends later":  {"ends soon", "ends later"},
		"ends soon":   {"ends soon"},
		"bound":       {"bound", "bound close"},
		"bound close": {"bound close"},
		"slow":        {"slow"},
		"fast":        {"fast", "slow"},
		"in grace":    {"ends soon"},
	} {
		for _, kind := range all {
			maker := newKey(by)
			check(by+" regenerates "+kind, caller(maker, maker.Until(1)), newKey(kind), slices.Contains(may, kind))
		}
		own := newKey(by)
		check(by+" regenerates itself", caller(own, own.Until(1)), own, by != "in grace")
		token := caller(newKey(by), soon)
		token[gateway.CtxType], token[gateway.CtxToken] = string(gateway.Client), "JTI"
		check("a token of one that is "+by+" regenerates another key", token, newKey("plain"), false)
		token = caller(own, soon)
		token[gateway.CtxType], token[gateway.CtxToken] = string(gateway.Client), "JTI"
		if by != "in grace" { // it was regenerated above, and the token is dead with it
			token[gateway.CtxGeneration] = "2"
		}
		own, _ = s.Key(ctx, own.ID)
		check("a token of one that is "+by+" regenerates its own key", token, own, by == "ends soon")
	}
	for _, kind := range all {
		check("a user regenerates "+kind, gatewaytest.User("usr_A", "a@example.com", "member", ""), newKey(kind), true)
	}
}
