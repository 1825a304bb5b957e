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
	return w.addBound(ctx, t)
}

// addBound adds a key that is good at another address only, and one whose maker was revoked with all that came from it.
func (w *world) addBound(ctx context.Context, t *tenant) error {
	elsewhere, err := w.api.NewKey(ctx, t.person.Token, map[string]any{"name": "elsewhere", "allowed_ips": []string{"203.0.113.7"}})
	if err != nil {
		return err
	}
	w.add("a key for another address", nil, elsewhere.Key, bearer(elsewhere.Key))
	maker, err := w.api.NewKey(ctx, t.person.Token, map[string]any{"name": "maker", "type": "secret"})
	if err != nil {
		return err
	}
	child, err := w.api.NewKey(ctx, maker.Key, map[string]any{"name": "child"})
	if err != nil {
		return err
	}
	w.add("a key whose maker was revoked with it", nil, child.Key, bearer(child.Key))
	return w.api.Get(ctx, caller.JSON("PUT", "/api/v1/auth/api-keys/"+maker.ID+"/revoke", t.person.Token, map[string]any{"cascade": true}), 200, nil)
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
