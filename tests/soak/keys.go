package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/latchkey/latchkey/tests/caller"
)

// So many keys live at least, and at most about so many.
const fewest, most = 40, 80

const keysPath = "/api/v1/auth/api-keys/"

func read[T any](l *load, what string, a caller.Answer) (v T) {
	if err := json.Unmarshal(a.Body, &v); err != nil {
		l.find("%s: the answer does not read: %v", what, err)
	}
	return v
}

// makeKey makes a key with these fields, as a person does. It is nil if the run ended.
func (l *load) makeKey(ctx context.Context, p caller.Person, fields map[string]any) *key {
	fields["name"] = "soak"
	a, lost := l.ask(ctx, "create", caller.JSON("POST", "/v1/api-keys", p.Token, fields))
	return l.made(ctx, p, a, lost)
}

// made notes a key that was answered, before which so many answers were lost.
func (l *load) made(ctx context.Context, p caller.Person, a caller.Answer, lost int) *key {
	l.ledger.lost(p.ID, "KEY", lost)
	if a.Status != http.StatusCreated {
		l.refused(ctx, "create", a)
		return nil
	}
	k := &key{Key: read[caller.Key](l, "create", a), person: p}
	k.secret = l.ledger.publish(&credential{text: k.Key.Key, kind: "key", key: k})
	k.credentials = append(k.credentials, k.secret)
	l.ledger.mu.Lock()
	l.ledger.keys = append(l.ledger.keys, k)
	l.ledger.mu.Unlock()
	return k
}

func (l *load) refused(ctx context.Context, kind string, a caller.Answer) {
	if ctx.Err() == nil && a.Status < 500 {
		l.find("%s is refused: %d %.300s", kind, a.Status, a.Body)
	}
}

func (l *load) createKey(ctx context.Context) {
	l.ledger.mu.Lock()
	enough := len(l.ledger.idle) >= most
	l.ledger.mu.Unlock()
	if enough {
		l.revokeKey(ctx)
		return
	}
	p := l.ledger.anyPerson()
	if k := l.makeKey(ctx, p, map[string]any{"scopes": []string{"read:events", "read:stats"}}); k != nil {
		l.ledger.put(k)
	}
}

// createFamily makes a key that makes another, so that both are revoked together.
func (l *load) createFamily(ctx context.Context) {
	p := l.ledger.anyPerson()
	k := l.makeKey(ctx, p, map[string]any{"type": "secret"})
	if k == nil {
		return
	}
	a, lost := l.ask(ctx, "create", caller.JSON("POST", "/v1/api-keys", k.Key.Key, map[string]any{"name": "soak", "scopes": []string{"read:events"}}))
	k.uses.Add(1)
	k.unsureUses.Add(int64(lost))
	if child := l.made(ctx, p, a, lost); child != nil {
		k.children = append(k.children, child)
	}
	l.ledger.put(k)
}

// about notes that credentials are about to end: until that is answered, either answer to them is right.
func about(list []*credential) {
	for _, c := range list {
		c.state.Store(ending)
	}
}

func (l *load) revokeKey(ctx context.Context) {
	k := l.ledger.take(fewest)
	if k == nil {
		return
	}
	all := []*key{k}
	fields := map[string]any{}
	if len(k.children) > 0 {
		fields["cascade"] = true
		all = append(all, k.children...)
	}
	for _, one := range all {
		about(one.credentials)
	}
	a, _ := l.ask(ctx, "revoke", caller.JSON("PUT", keysPath+k.ID+"/revoke", k.person.Token, fields))
	if a.Status != http.StatusOK {
		l.refused(ctx, "revoke", a)
		return
	}
	for _, one := range all {
		one.revoked = true
		l.ledger.end(one.credentials...)
	}
}

func (l *load) deleteKey(ctx context.Context) {
	k := l.ledger.take(fewest)
	if k == nil || len(k.children) > 0 {
		if k != nil {
			l.ledger.put(k)
		}
		return
	}
	about(k.credentials)
	a, lost := l.ask(ctx, "delete", caller.Request{Method: "DELETE", Path: keysPath + k.ID, As: k.person.Token})
	if a.Status != http.StatusNoContent && (a.Status != http.StatusNotFound || lost == 0) { // a lost answer may have done it
		l.refused(ctx, "delete", a)
		return
	}
	k.deleted = true
	l.ledger.end(k.credentials...)
}

// regenerateKey gives a key another secret, which ends its tokens too.
func (l *load) regenerateKey(ctx context.Context) {
	k := l.ledger.take(1)
	if k == nil {
		return
	}
	about(k.credentials)
	a, lost := l.ask(ctx, "regenerate", caller.JSON("POST", keysPath+k.ID+"/regenerate", k.person.Token, map[string]any{}))
	k.unsureRegenerated += lost
	if a.Status != http.StatusOK {
		l.refused(ctx, "regenerate", a)
		return
	}
	k.regenerated++
	l.ledger.end(k.credentials...)
	k.secret = l.ledger.publish(&credential{text: read[caller.Key](l, "regenerate", a).Key, kind: "regenerated key", key: k})
	k.credentials = []*credential{k.secret}
	l.ledger.put(k)
}

// disableKey disables a key, looks whether that holds for all that it has, and enables it again.
func (l *load) disableKey(ctx context.Context) {
	k := l.ledger.take(1)
	if k == nil {
		return
	}
	defer l.ledger.put(k)
	for _, c := range k.credentials {
		c.turns.Add(1)
	}
	about(k.credentials)
	if !l.changeKey(ctx, k, map[string]any{"disabled": true, "metadata": map[string]any{"soak": "off"}}) {
		return
	}
	for _, c := range k.credentials {
		a, lost := l.ask(ctx, "disabled", caller.Request{Method: "GET", Path: "/v1/auth/me", As: c.text})
		k.unsureUses.Add(int64(lost) + 1)
		if a.Status < 500 && a.Status != http.StatusUnauthorized {
			l.find("a %s of a key that was answered as disabled is answered: %d %.200s", c.kind, a.Status, a.Body)
		}
	}
	if !l.changeKey(ctx, k, map[string]any{"disabled": false, "metadata": nil}) {
		return
	}
	for _, c := range k.credentials {
		c.state.Store(good)
	}
}

// changeKey changes a key, which a repeated request does not do again.
func (l *load) changeKey(ctx context.Context, k *key, fields map[string]any) bool {
	a, _ := l.ask(ctx, "change", caller.JSON("PATCH", "/v1/api-keys/"+k.ID, k.person.Token, fields))
	if a.Status != http.StatusOK {
		l.refused(ctx, "change", a)
		k.unsureChanged++
		return false
	}
	k.changed++
	return true
}

// issueToken exchanges a key for a token.
func (l *load) issueToken(ctx context.Context) {
	k := l.ledger.take(1)
	if k == nil {
		return
	}
	defer l.ledger.put(k)
	if len(k.credentials) > 3 {
		return
	}
	a, lost := l.ask(ctx, "token", caller.Form("/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {k.ID}, "client_secret": {k.secret.text}}))
	k.unsureTokens += lost
	k.unsureUses.Add(int64(lost))
	if a.Status != http.StatusOK {
		l.refused(ctx, "token", a)
		return
	}
	k.uses.Add(1)
	k.tokens++
	k.credentials = append(k.credentials,
		l.ledger.publish(&credential{text: read[caller.Pair](l, "token", a).Access, kind: "client's token", key: k}))
}

func (k *key) String() string { return fmt.Sprintf("key %s of %s", k.ID, k.person.Email) }
