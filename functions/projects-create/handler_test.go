package main

import (
	"context"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestProjectIsTheCallersWithItsPrefix(t *testing.T) {
	s := storetest.New(t)
	f := gateway.Protected(handler{s, 0}.serve)
	post := func(body string) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/v1/projects", Body: body, Authorizer: gatewaytest.User("usr_A", "a@example.com", "member", "")})
	}
	for body, field := range map[string]string{
		`{}`: "name", `{"name":" "}`: "name", `{"name":"` + strings.Repeat("x", 101) + `"}`: "name", `{"name":"x","key_prefix":"sk_"}`: "key_prefix",
		`{"label":" "}`: "label", `{"label":"a","name":"b"}`: "label", `{"name":"x","color":"#12"}`: "color", `{"name":"x","color":"red;x"}`: "color",
		`{"name":"x","color":""}`: "color", `{"name":"x","color":7}`: "color",
		`{"name":"x","key_prefix":""}`: "key_prefix", `{"name":"x","key_prefix":"GF_"}`: "key_prefix", `{"name":"x","key_prefix":7}`: "key_prefix", `{"name":"x","owner":"usr_B"}`: "owner",
	} {
		a := post(body)
		fields, _ := a.JSON(t)["fields"].([]any)
		if a.Status != 422 {
			t.Fatalf("%.60s: status %d, want 422: %s", body, a.Status, a.Body)
		}
		if len(fields) != 1 {
			t.Fatalf("%.60s: len(fields): %v, want 1", body, len(fields))
		}
		if fields[0].(map[string]any)["field"] != field {
			t.Errorf("%.60s: field: %v, want %v", body, fields[0].(map[string]any)["field"], field)
		}
	}
	for body, prefix := range map[string]string{`{"name":"one"}`: "gf_", `{"name":"two","key_prefix":"afk_live_"}`: "afk_live_"} {
		switch a := post(body); {
		case a.Status != 201:
			t.Errorf("%s: status %d, want 201: %s", body, a.Status, a.Body)
		case a.JSON(t)["key_prefix"] != prefix:
			t.Errorf("%s: key_prefix: %v, want %v", body, a.JSON(t)["key_prefix"], prefix)
		}
	}
	storetest.AwaitIndex()
	list, _, err := s.Projects(context.Background(), "usr_A", store.Page{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the number of projects that exist", len(list), 2)
}

func TestLabelIsAnotherWordForNameAndAColorIsKept(t *testing.T) {
	s := storetest.New(t)
	f := gateway.Protected(handler{s, 0}.serve)
	for body, want := range map[string][2]string{
		`{"label":"Shop","color":"#0EA5E9"}`:                     {"Shop", "#0EA5E9"},
		`{"label":"Shop","name":"Shop","color":"rebeccapurple"}`: {"Shop", "rebeccapurple"},
		`{"label":"Shop"}`:                                       {"Shop", "#6366f1"},
		`{"name":"Shop","label":null,"color":null}`:              {"Shop", "#6366f1"},
	} {
		a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/v1/projects", Body: body,
			Authorizer: gatewaytest.Key("0123456789abcdef", "scoped", "usr_A", "prj_A", "write:events")})
		made := a.JSON(t)
		if a.Status != 201 {
			t.Errorf("%s: status %d, want 201: %s", body, a.Status, a.Body)
		}
		if made["label"] != want[0] {
			t.Errorf("%s: label: %v, want %v", body, made["label"], want[0])
		}
		if made["name"] != want[0] {
			t.Errorf("%s: name: %v, want %v", body, made["name"], want[0])
		}
		if made["color"] != want[1] {
			t.Errorf("%s: color: %v, want %v", body, made["color"], want[1])
		}
		if made["createdAt"] == nil {
			t.Errorf("%s: there is no createdAt", body)
		}
		if made["createdAt"] != made["created_at"] {
			t.Errorf("%s: createdAt: %v, want %v", body, made["createdAt"], made["created_at"])
		}
	}
}

func TestOwnerHasNoMoreProjectsThanTheDeploymentAllows(t *testing.T) {
	f := gateway.Protected(handler{storetest.New(t), 2}.serve)
	for _, want := range []int{201, 201, 422} {
		a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/v1/projects", Body: `{"name":"x"}`, Authorizer: gatewaytest.User("usr_A", "a@example.com", "member", "")})
		expect.Same(t, "status", a.Status, want)
		storetest.AwaitIndex()
	}
}
