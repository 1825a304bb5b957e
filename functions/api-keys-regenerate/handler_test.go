package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestRegenerate(t *testing.T) {
	ctx, s, now := context.Background(), storetest.New(t), time.Now()
	text := `{"current":"1","1":"` + strings.Repeat("p", 32) + `"}`
	ring, err := secret.ParseRing(text)
	if err != nil {
		t.Fatal(err)
	}
	f := gateway.Protected(handler{s, secret.NewSource(func(context.Context) (string, error) { return text, nil }, time.Now), time.Hour, 100, ratelimit.Limits{}}.serve)
	owner, stranger := gatewaytest.User("usr_A", "a@example.com", "member", ""), gatewaytest.User("usr_B", "b@example.com", "member", "admin")
	call := func(id string, as map[string]any, body string) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{
			Method: "POST", Resource: "/api/v1/auth/api-keys/{id}/regenerate", Path: map[string]string{"id": id}, Authorizer: as, Body: body,
		})
	}
	newKey := func(expires int64) (string, string) {
		t.Helper()
		id := apikey.NewID()
		full := apikey.New("gf_", id)
		k := apikey.Key{ID: id, Owner: "usr_A", Project: "prj_A", Prefix: "gf_", Hash: ring.MAC(full), Generation: 1, CreatedAt: now, ExpiresAt: expires}
		if err := s.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
			t.Fatal(err)
		}
		return id, full
	}
	good := func(id, full string, at time.Time) bool {
		_, _, err := s.CheckKey(ctx, id, ring.MACs(full), nil, at)
		return err == nil
	}

	t.Run("the old secret dies now", func(t *testing.T) {
		id, old := newKey(0)
		a := call(id, owner, "")
		fresh, _ := a.JSON(t)["key"].(string)
		if a.Status != 200 {
			t.Errorf("status %d, want 200: %s", a.Status, a.Body)
		}
		expect.Same[any](t, "id", a.JSON(t)["id"], id)
		expect.Same(t, "the old secret is good", good(id, old, now), false)
		expect.Same(t, "the new secret is good", good(id, fresh, now), true)
	})
	t.Run("or after the grace", func(t *testing.T) {
		id, old := newKey(0)
		a := call(id, owner, `{"grace_seconds":60}`)
		if a.Status != 200 {
			t.Errorf("status %d, want 200: %s", a.Status, a.Body)
		}
		expect.Same(t, "the old secret is good after 50 s", good(id, old, now.Add(50*time.Second)), true)
		expect.Same(t, "the old secret is good after 70 s", good(id, old, now.Add(70*time.Second)), false)
	})
	t.Run("a bad request changes nothing", func(t *testing.T) {
		id, old := newKey(0)
		before, _ := s.Key(ctx, id)
		for body, status := range map[string]int{
			`{"grace_seconds":-1}`: 422, `{"grace_seconds":101}`: 422, `{"grace_seconds":"1"}`: 422, `{"grace_seconds":1.5}`: 422,
			`{"grace":1}`: 422, `[]`: 422, `{`: 400, `{"grace_seconds":99999999999999999999}`: 422,
		} {
			if a := call(id, owner, body); a.Status != status {
				t.Errorf("%s: %+v", body, a)
			}
		}
		switch a := call(id, stranger, ""); {
		case a.Status != 404:
			t.Errorf("a stranger: status %d, want 404: %s", a.Status, a.Body)
		case a.Code(t) != "RESOURCE_NOT_FOUND":
			t.Errorf("a stranger: error_code: %v, want RESOURCE_NOT_FOUND", a.Code(t))
		}
		if a := call(id, gatewaytest.User("usr_B", "b@example.com", "admin", "admin"), ""); a.Status != 403 || a.Code(t) != "FORBIDDEN" {
			t.Errorf("an administrator, who sees the key and must not have its secret: %d %s", a.Status, a.Body)
		}
		for _, other := range []string{"", "x", apikey.NewID(), "../" + id, id + "\x00", strings.Repeat("x", 2000)} {
			if a := call(other, owner, ""); a.Status != 404 {
				t.Errorf("%.30q: %+v", other, a)
			}
		}
		after, err := s.Key(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the record", fmt.Sprint(after), fmt.Sprint(before))
		expect.Same(t, "the old secret is good", good(id, old, now), true)
	})
	t.Run("a revoked or expired key stays dead", func(t *testing.T) {
		revoked, _ := newKey(0)
		k, err := s.Key(ctx, revoked)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.RevokeKey(ctx, k, audit.New(audit.Revoked, audit.Source{Now: now}, time.Hour)); err != nil {
			t.Fatal(err)
		}
		expired, _ := newKey(now.Unix() - 1)
		for _, id := range []string{revoked, expired} {
			switch a := call(id, owner, ""); {
			case a.Status != 409:
				t.Errorf("status %d, want 409: %s", a.Status, a.Body)
			case a.Code(t) != "KEY_REVOKED":
				t.Errorf("error_code: %v, want KEY_REVOKED", a.Code(t))
			}
		}
	})
	t.Run("without a pepper nothing happens", func(t *testing.T) {
		id, old := newKey(0)
		f = gateway.Protected(handler{s, secret.NewSource(func(context.Context) (string, error) { return "", errors.New("down") }, time.Now), time.Hour, 100, ratelimit.Limits{}}.serve)
		switch a := call(id, owner, ""); {
		case a.Status != 503:
			t.Errorf("status %d, want 503: %s", a.Status, a.Body)
		case !good(id, old, now):
			t.Error("the old secret is no longer good")
		}
	})
}
