package main

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/latchkey/latchkey/tests/caller"
)

// A tenant is a user with two projects, and with things in both.
type tenant struct {
	name     string
	person   caller.Person
	projects [2]string
	things   []thing
	clients  []caller.Key // keys that may be clients of /oauth
}

// A thing is what a path can name.
type thing struct {
	kind    string // key, run or session
	id      string
	of      *tenant
	project string
}

// A holder has a good credential.
type holder struct {
	of      *tenant
	project string
	person  bool   // it is the user's own token
	keyType string // of the key that the credential is, or comes from
	scopes  []string
	run     string // of a ticket
}

// A world is what the requests are about. Nobody uses the credentials of the bystander: whatever
// happens, its things must stay as they are.
type world struct {
	api         *caller.Caller
	admin       caller.Person
	tenants     []*tenant
	bystander   *tenant
	credentials []credential
	expired     time.Time // when those that are to be expired are
}

func newWorld(ctx context.Context, api *caller.Caller, email, password string) (*world, error) {
	admin, err := api.LogIn(ctx, email, password)
	if err != nil {
		return nil, err
	}
	w := &world{api: api, admin: admin}
	for _, name := range []string{"one", "two", "bystander"} {
		role := "member"
		if name == "two" {
			role = "admin" // a stranger to the others on all routes but those that are overseen
		}
		t, err := w.newTenant(ctx, name, role)
		if err != nil {
			return nil, err
		}
		w.tenants = append(w.tenants, t)
	}
	w.bystander = w.tenants[2]
	for _, t := range w.tenants[:2] {
		if err := w.addCredentials(ctx, t); err != nil {
			return nil, err
		}
	}
	time.Sleep(time.Until(w.expired))
	slices.SortStableFunc(w.credentials, func(a, b credential) int { return strings.Compare(a.name, b.name) })
	return w, nil
}

func (w *world) newTenant(ctx context.Context, name, role string) (*tenant, error) {
	p, err := w.api.Register(ctx, w.admin, "requests-"+name, role)
	if err != nil {
		return nil, err
	}
	t := &tenant{name: name, person: p}
	for i := range t.projects {
		if t.projects[i], err = w.api.NewID(ctx, p.Token, "/v1/projects", map[string]any{"name": name}); err != nil {
			return nil, err
		}
		for range 2 {
			k, err := w.api.NewKey(ctx, p.Token, map[string]any{"name": "stays", "project_id": t.projects[i]})
			if err != nil {
				return nil, err
			}
			run, err := w.api.NewID(ctx, p.Token, "/v1/runs", map[string]any{"project_id": t.projects[i]})
			if err != nil {
				return nil, err
			}
			customer, err := w.newCustomer(ctx, p, t.projects[i])
			if err != nil {
				return nil, err
			}
			t.things = append(t.things, thing{"key", k.ID, t, t.projects[i]}, thing{"run", run, t, t.projects[i]}, thing{"customer", customer, t, t.projects[i]})
		}
	}
	session, _, err := w.whoIs(ctx, p.Token)
	t.things = append(t.things, thing{"session", session, t, ""})
	return t, err
}

// newCustomer makes a customer in a project of a person.
func (w *world) newCustomer(ctx context.Context, p caller.Person, in string) (id string, err error) {
	return w.api.NewID(ctx, p.Token, "/v1/customers", map[string]any{"external_id": rand.Text(), "project_id": in})
}

// whoIs returns the id of the session or key that a credential is of, and its scopes.
func (w *world) whoIs(ctx context.Context, as string) (id string, scopes []string, err error) {
	var me struct {
		Credential struct {
			ID     string
			Scopes []string
		}
	}
	err = w.api.Get(ctx, caller.Request{Method: "GET", Path: "/v1/auth/me", As: as}, 200, &me)
	return me.Credential.ID, me.Credential.Scopes, err
}

// snapshot is all that a tenant has, as the API shows it.
func (w *world) snapshot(ctx context.Context, t *tenant) (string, error) {
	time.Sleep(time.Second) // until the lists follow
	text := ""
	for _, path := range []string{"/v1/api-keys?limit=100", "/v1/projects?limit=100", "/v1/runs?limit=100"} {
		a, err := w.api.Send(ctx, caller.Request{Method: "GET", Path: path, As: t.person.Token})
		if err != nil {
			return "", err
		}
		text += string(a.Body) + "\n"
	}
	return text, nil
}
