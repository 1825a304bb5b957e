package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
)

func setUp(t *testing.T) (*store.Store, gateway.Function, user.User) {
	s := storetest.New(t)
	u := user.New("a@example.com", user.Member, time.Now())
	if err := s.CreateUser(context.Background(), u, "hash", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	return s, gateway.Protected(handler{s, time.Hour}.serve), u
}

func create(t *testing.T, f gateway.Function, body string, caller map[string]any) gatewaytest.Answer {
	return gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/v1/runs", Body: body, Authorizer: caller})
}

func TestRunIsTheCallersOwnAndRunning(t *testing.T) {
	s, f, u := setUp(t)
	callers := map[string]map[string]any{
		"user": gatewaytest.User(u.ID, u.Email, u.Role, "write:events"),
		"key":  gatewaytest.Key("0123456789abcdef", "client", u.ID, user.DefaultProject(u.ID), "write:events"),
	}
	for name, caller := range callers {
		for _, body := range []string{"", "{}", `{"project_id":"` + user.DefaultProject(u.ID) + `"}`} {
			got := create(t, f, body, caller)
			answer := got.JSON(t)
			if got.Status != 201 {
				t.Fatalf("%s, %q: status %d, want 201: %s", name, body, got.Status, got.Body)
			}
			if answer["ok"] != true {
				t.Fatalf("%s, %q: ok: %v, want true", name, body, answer["ok"])
			}
			if answer["status"] != run.Running {
				t.Fatalf("%s, %q: status: %v, want %v", name, body, answer["status"], run.Running)
			}
			r, err := s.Run(context.Background(), answer["id"].(string), time.Now())
			if err != nil {
				t.Fatalf("%s, %q: %v", name, body, err)
			}
			if r.Owner != u.ID {
				t.Errorf("%s, %q: r.Owner: %v, want %v", name, body, r.Owner, u.ID)
			}
			if r.Project != user.DefaultProject(u.ID) {
				t.Errorf("%s, %q: r.Project: %v, want %v", name, body, r.Project, user.DefaultProject(u.ID))
			}
		}
	}
}

func TestProjectOfAnotherDoesNotExist(t *testing.T) {
	s, f, u := setUp(t)
	other := user.New("b@example.com", user.Member, time.Now())
	if err := s.CreateUser(context.Background(), other, "hash", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	caller := gatewaytest.User(u.ID, u.Email, u.Role, "write:events")
	for _, id := range []string{user.DefaultProject(other.ID), "prj_", "../x"} {
		body := fmt.Sprintf(`{"project_id":%q}`, id)
		got := create(t, f, body, caller)
		if got.Status != 404 {
			t.Errorf("%q: status %d, want 404: %s", id, got.Status, got.Body)
		}
		if got.Code(t) != "RESOURCE_NOT_FOUND" {
			t.Errorf("%q: error_code: %v, want RESOURCE_NOT_FOUND", id, got.Code(t))
		}
	}
}

func TestBodyThatIsNoRunIsRefused(t *testing.T) {
	_, f, u := setUp(t)
	caller := gatewaytest.User(u.ID, u.Email, u.Role, "write:events")
	for body, want := range map[string]string{
		`{`:                   "INVALID_JSON",
		`[]`:                  "VALIDATION_ERROR",
		`{"project_id":1}`:    "VALIDATION_ERROR",
		`{"status":"passed"}`: "VALIDATION_ERROR",
	} {
		if got := create(t, f, body, caller); got.Code(t) != want {
			t.Errorf("%s: %d %s, want %s", body, got.Status, got.Body, want)
		}
	}
}
