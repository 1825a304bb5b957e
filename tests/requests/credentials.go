package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/latchkey/latchkey/tests/caller"
)

// A credential is what a request carries, and where.
type credential struct {
	name   string
	header http.Header
	query  string
	holder *holder // nil: no protected route may be open to it
	text   string  // the credential itself, for a parameter of /oauth
}

// pollRoute is the one route that takes a credential from the query.
const pollRoute = "GET /v1/runs/{id}/events/stream"

// at returns the holder that a route finds in the credential, or nil.
func (c credential) at(route string) *holder {
	if c.query != "" && route != pollRoute {
		return nil
	}
	return c.holder
}

func bearer(text string) http.Header { return http.Header{"Authorization": {"Bearer " + text}} }

func (w *world) add(name string, h *holder, text string, header http.Header) {
	w.credentials = append(w.credentials, credential{name: name, header: header, holder: h, text: text})
}

// addCredentials makes credentials of every kind for a tenant, good ones and bad ones.
func (w *world) addCredentials(ctx context.Context, t *tenant) error {
	if err := w.addTokens(ctx, t); err != nil {
		return err
	}
	kinds := []map[string]any{
		{"scopes": []string{"read:events"}}, {"scopes": []string{"write:events"}}, {"scopes": []string{"read:stats"}},
		{"scopes": []string{"read", "write"}}, {"type": "secret"}, {"type": "client"}, {"type": "read_only"},
	}
	if t.name == "two" {
		kinds = append(kinds, map[string]any{"scopes": []string{"admin"}})
	}
	for _, in := range t.projects {
		for _, fields := range kinds {
			fields["name"], fields["project_id"] = "good", in
			k, err := w.api.NewKey(ctx, t.person.Token, fields)
			if err != nil {
				return err
			}
			h := &holder{of: t, project: in, keyType: k.Type, scopes: k.Scopes}
			name := t.name + "'s key " + k.Type + " " + strings.Join(k.Scopes, "+")
			w.add(name, h, k.Key, bearer(k.Key))
			w.add(name+" in X-Api-Key", h, k.Key, http.Header{"x-API-key": {k.Key}})
			token, err := w.api.NewClientToken(ctx, k)
			if err != nil {
				return err
			}
			w.add("a client's token of "+name, h, token, bearer(token))
			t.clients = append(t.clients, k)
		}
	}
	return w.addBad(ctx, t, t.clients[0])
}

// addTokens adds what a login gives, and tickets.
func (w *world) addTokens(ctx context.Context, t *tenant) error {
	pair, err := w.api.NewPair(ctx, t.person)
	if err != nil {
		return err
	}
	h := &holder{of: t, person: true}
	if _, h.scopes, err = w.whoIs(ctx, t.person.Token); err != nil {
		return err
	}
	w.add(t.name+"'s session token", h, t.person.Token, bearer(t.person.Token))
	w.add(t.name+"'s session token in X-Api-Key", h, t.person.Token, http.Header{"X-Api-Key": {t.person.Token}})
	w.add(t.name+"'s access token", h, pair.Access, http.Header{"authorization": {"bearer   " + pair.Access}})
	w.credentials = append(w.credentials, credential{name: t.name + "'s session token in the query", query: "token=" + t.person.Token, holder: h})
	w.add(t.name+"'s refresh token", nil, pair.Refresh, bearer(pair.Refresh))
	for _, run := range t.things {
		if run.kind != "run" {
			continue
		}
		var ticket struct{ Token string }
		r := caller.Request{Method: "POST", Path: "/v1/runs/" + run.id + "/ticket", As: t.person.Token}
		if err := w.api.Get(ctx, r, 201, &ticket); err != nil {
			return err
		}
		// It is good for a minute only. So the oracle permits what it opens, and does not ask for it.
		w.credentials = append(w.credentials, credential{name: t.name + "'s ticket in the query", query: "token=" + ticket.Token,
			holder: &holder{of: t, run: run.id}, text: ticket.Token})
		w.add(t.name+"'s ticket as a bearer's", nil, ticket.Token, bearer(ticket.Token))
	}
	return nil
}
