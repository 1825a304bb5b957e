package main

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

func TestProjectsOfTheCallerComeInPages(t *testing.T) {
	s := storetest.New(t)
	for i, owner := range []string{"usr_A", "usr_A", "usr_B"} {
		if err := s.CreateProject(context.Background(), project.New(owner, "x", "gf_", time.Now().Add(time.Duration(i)*time.Second))); err != nil {
			t.Fatal(err)
		}
	}
	storetest.AwaitIndex()
	f := gateway.Protected(handler{s}.serve)
	get := func(query map[string]string) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{Method: "GET", Resource: "/v1/projects", Query: query, Authorizer: gatewaytest.User("usr_A", "a@example.com", "member", "")})
	}
	if a := get(nil); a.Status != 200 || len(a.JSON(t)["projects"].([]any)) != 2 || a.JSON(t)["next_cursor"] != nil {
		t.Errorf("%+v", a)
	}
	first := get(map[string]string{"limit": "1"}).JSON(t)
	second := get(map[string]string{"limit": "2", "cursor": first["next_cursor"].(string)})
	if len(first["projects"].([]any)) != 1 || len(second.JSON(t)["projects"].([]any)) != 1 {
		t.Errorf("%+v\n%+v", first, second)
	}
	if a := get(map[string]string{"cursor": "x"}); a.Status != 400 {
		t.Errorf("%+v", a)
	}
}
