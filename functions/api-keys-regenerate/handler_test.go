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
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

func TestRegenerate(t *testing.T) {
	ctx, s, now := context.Background(), storetest.New(t), time.Now()
	text := `{"current":"1","1":"` + strings.Repeat("p", 32) + `"}`
	ring, err := secret.ParseRing(text)
	if err != nil {
		t.Fatal(err)
	}
	f := gateway.Protected(handler{s, secret.NewSource(func(context.Context) (string, error) { return text, nil }, time.Now), time.Hour, 100}.serve)
	owner, stranger := gatewaytest.User("usr_A", "a@example.com", "member", ""), gatewaytest.User("usr_B", "b@example.com", "admin", "admin")
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
		if fresh, _ := a.JSON(t)["key"].(string); a.Status != 200 || a.JSON(t)["id"] != id || good(id, old, now) || !good(id, fresh, now) {
			t.Errorf("%+v", a)
		}
	})
	t.Run("or after the grace", func(t *testing.T) {
		id, old := newKey(0)
		a := call(id, owner, `{"grace_seconds":60}`)
		if a.Status != 200 || !good(id, old, now.Add(50*time.Second)) || good(id, old, now.Add(70*time.Second)) {
			t.Errorf("%+v", a)
		}
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
		if a := call(id, stranger, ""); a.Status != 404 || a.Code(t) != "RESOURCE_NOT_FOUND" {
			t.Errorf("a stranger: %+v", a)
		}
		for _, other := range []string{"", "x", apikey.NewID(), "../" + id, id + "\x00", strings.Repeat("x", 2000)} {
			if a := call(other, owner, ""); a.Status != 404 {
				t.Errorf("%.30q: %+v", other, a)
			}
		}
		after, err := s.Key(ctx, id)
		if err != nil || fmt.Sprint(after) != fmt.Sprint(before) || !good(id, old, now) {
			t.Errorf("%+v, %v", after, err)
		}
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
			if a := call(id, owner, ""); a.Status != 409 || a.Code(t) != "KEY_REVOKED" {
				t.Errorf("%+v", a)
			}
		}
	})
	t.Run("without a pepper nothing happens", func(t *testing.T) {
		id, old := newKey(0)
		f = gateway.Protected(handler{s, secret.NewSource(func(context.Context) (string, error) { return "", errors.New("down") }, time.Now), time.Hour, 100}.serve)
		if a := call(id, owner, ""); a.Status != 503 || !good(id, old, now) {
			t.Errorf("%+v", a)
		}
	})
}
