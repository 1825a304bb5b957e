package main

import (
	"context"
	"encoding/base64"
	"hash/crc32"
	"net/http"
	"strings"
	"time"

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

// addBad adds credentials that open nothing, made from those that are good.
func (w *world) addBad(ctx context.Context, t *tenant, good caller.Key) error {
	token := t.person.Token
	for name, end := range map[string]func(k caller.Key) caller.Request{
		"a revoked key": func(k caller.Key) caller.Request {
			return caller.Request{Method: "PUT", Path: "/api/v1/auth/api-keys/" + k.ID + "/revoke", As: token}
		},
		"a deleted key": func(k caller.Key) caller.Request {
			return caller.Request{Method: "DELETE", Path: "/v1/api-keys/" + k.ID, As: token}
		},
		"a regenerated key's old secret": func(k caller.Key) caller.Request {
			return caller.Request{Method: "POST", Path: "/api/v1/auth/api-keys/" + k.ID + "/regenerate", As: token}
		},
		"an expired key": nil,
	} {
		fields := map[string]any{"name": name}
		if end == nil {
			fields["expires_at"] = time.Now().Add(3 * time.Second).UTC().Format(time.RFC3339)
		}
		k, err := w.api.NewKey(ctx, token, fields)
		if err != nil {
			return err
		}
		made, err := w.api.NewClientToken(ctx, k)
		if err != nil {
			return err
		}
		if end == nil {
			w.expired = time.Now().Add(5 * time.Second)
		} else if err := w.api.Get(ctx, end(k), http.StatusOK, nil); err != nil {
			return err
		}
		w.add(name, nil, k.Key, bearer(k.Key))
		w.add("a client's token of "+name, nil, made, bearer(made))
	}
	ended, err := w.api.LogIn(ctx, t.person.Email, t.person.Password)
	if err != nil {
		return err
	}
	if err := w.api.Get(ctx, caller.Request{Method: "POST", Path: "/api/auth/logout", As: ended.Token}, 204, nil); err != nil {
		return err
	}
	w.add("a token of an ended session", nil, ended.Token, bearer(ended.Token))
	w.addForged(t, good)
	return nil
}

// addForged adds what somebody can make who has no more than one good key or token, and good ones in wrong places.
func (w *world) addForged(t *tenant, good caller.Key) {
	key, token := good.Key, t.person.Token
	parts := strings.Split(token, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
	body := len(key) - 6
	for name, text := range map[string]string{
		"nothing after Bearer":             "",
		"a key with a wrong checksum":      key[:body] + "000000",
		"a key with a wrong secret":        checked(key[:body-30] + strings.Repeat("A", 30)),
		"a key that was never made":        checked(key[:body-46] + strings.Repeat("A", 16) + key[body-30:body]),
		"a key with another type's prefix": checked("sk_" + key[body-46:body]),
		"the public id of a key":           good.ID,
		"a key and a space within":         key[:20] + " " + key[20:],
		"a token with another signature":   parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])),
		"a token without a signature":      parts[0] + "." + parts[1] + ".",
		"a token with the algorithm none":  none,
		"a token with another's claims":    parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"usr_A"}`)) + "." + parts[2],
		"a token with a fourth part":       token + ".e30",
		"text that is neither":             "\xc3\xa9\xe2\x80\xa2x",
		"a very long text":                 strings.Repeat("x", 4000),
	} {
		w.add(name, nil, text, bearer(text))
	}
	for name, header := range map[string]http.Header{
		"nothing":                           {},
		"a good key under another scheme":   {"Authorization": {"Basic " + key}},
		"a good key without a scheme":       {"Authorization": {key}},
		"a good token without a scheme":     {"Authorization": {token}},
		"a good key in a cookie":            {"Cookie": {"key=" + key + "; token=" + key + "; refresh_token=" + key}},
		"a good key in a header of no use":  {"X-Api-Token": {key}, "Proxy-Authorization": {"Bearer " + key}},
		"a good key and a good token":       {"Authorization": {"Bearer " + token}, "X-Api-Key": {key}},
		"a good key beside an empty Bearer": {"Authorization": {"Bearer "}, "X-Api-Key": {key}},
		"two Authorization headers":         {"Authorization": {"Bearer " + key, "Bearer " + token}},
	} {
		w.add(name, nil, "", header)
	}
	w.credentials = append(w.credentials, credential{name: "a good key in the query", query: "token=" + key},
		credential{name: "a good token under another name", query: "access_token=" + token + "&api_key=" + key})
}

// checked returns a key with the checksum that its text needs: six digits of base 62.
func checked(text string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	n, sum := crc32.ChecksumIEEE([]byte(text)), [6]byte{}
	for i := range sum {
		sum[len(sum)-1-i] = digits[n%62]
		n /= 62
	}
	return text + string(sum[:])
}
