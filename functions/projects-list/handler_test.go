package main

import (
	"context"
	"encoding/json"
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
	switch a := get(nil); {
	case a.Status != 200:
		t.Errorf("status %d, want 200: %s", a.Status, a.Body)
	case len(a.JSON(t)["projects"].([]any)) != 2:
		t.Errorf("%d projects, want 2", len(a.JSON(t)["projects"].([]any)))
	case a.JSON(t)["next_cursor"] != nil:
		t.Errorf("next_cursor: %v, want none", a.JSON(t)["next_cursor"])
	}
	first := get(map[string]string{"limit": "1"}).JSON(t)
	second := get(map[string]string{"limit": "2", "cursor": first["next_cursor"].(string)})
	if len(first["projects"].([]any)) != 1 {
		t.Errorf("%d projects on the first page, want 1", len(first["projects"].([]any)))
	}
	if len(second.JSON(t)["projects"].([]any)) != 1 {
		t.Errorf("%d projects on the second page, want 1", len(second.JSON(t)["projects"].([]any)))
	}
	if a := get(map[string]string{"cursor": "x"}); a.Status != 400 {
		t.Errorf("%+v", a)
	}
}

// Not the name of another project either.
func TestKeySeesItsOwnProjectAndNoOther(t *testing.T) {
	s := storetest.New(t)
	var made []project.Project
	for _, owner := range []string{"usr_A", "usr_A", "usr_B"} {
		p := project.New(owner, "of "+owner, "gf_", time.Now())
		if err := s.CreateProject(context.Background(), p); err != nil {
			t.Fatal(err)
		}
		made = append(made, p)
	}
	f := gateway.Protected(handler{s}.serve)
	get := func(owner, in string) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{Method: "GET", Resource: "/v1/projects",
			Authorizer: gatewaytest.Key("0123456789abcdef", "scoped", owner, in, "read:stats")})
	}
	var list []project.View
	a := get("usr_A", made[0].ID)
	if err := json.Unmarshal([]byte(a.Body), &list); err != nil || a.Status != 200 {
		t.Fatalf("%d %s: %v, want an array", a.Status, a.Body, err)
	}
	if len(list) != 1 {
		t.Fatalf("len(list): %v, want 1", len(list))
	}
	if list[0].ID != made[0].ID {
		t.Errorf("list[0].ID: %v, want %v", list[0].ID, made[0].ID)
	}
	if list[0].Label != "of usr_A" {
		t.Errorf("list[0].Label: %v, want of usr_A", list[0].Label)
	}
	// A key that was handed over keeps its project, whoever owns that.
	a = get("usr_A", made[2].ID)
	if err := json.Unmarshal([]byte(a.Body), &list); err != nil || a.Status != 200 || len(list) != 1 || list[0].ID != made[2].ID {
		t.Errorf("the project of a key of another owner: %d %s", a.Status, a.Body)
	}
	if a := get("usr_A", project.New("usr_A", "never made", "gf_", time.Now()).ID); a.Status != 404 {
		t.Errorf("a project that is not there: %d %s", a.Status, a.Body)
	}
}
