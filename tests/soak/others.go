package main

import (
	"context"
	"crypto/rand"
	"fmt"
	dice "math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/latchkey/latchkey/tests/caller"
)

// Sessions, runs and users: what the load changes beside keys.

// Few runs, so that several append to one at the same time.
const mostSessions, mostRuns = 30, 6

// logIn makes a session, or ends one if there are enough.
func (l *load) logIn(ctx context.Context) {
	l.ledger.mu.Lock()
	enough := len(l.ledger.sessions) >= mostSessions
	l.ledger.mu.Unlock()
	if enough {
		l.logOut(ctx)
		return
	}
	p := l.ledger.anyPerson()
	a, lost := l.ask(ctx, "login", caller.JSON("POST", "/api/auth/login", "", map[string]string{"email": p.Email, "password": p.Password}))
	l.ledger.lost(p.ID, "SESSION", lost)
	if a.Status != http.StatusOK {
		l.refused(ctx, "login", a)
		return
	}
	s := &session{person: p, pair: read[caller.Pair](l, "login", a)}
	s.access = l.ledger.publish(&credential{text: s.pair.Access, kind: "access token"})
	l.putSession(s)
}

func (l *load) putSession(s *session) {
	l.ledger.mu.Lock()
	defer l.ledger.mu.Unlock()
	l.ledger.sessions = append(l.ledger.sessions, s)
}

func (l *load) takeSession() *session {
	l.ledger.mu.Lock()
	defer l.ledger.mu.Unlock()
	if len(l.ledger.sessions) == 0 {
		return nil
	}
	i := dice.IntN(len(l.ledger.sessions)) //nolint:gosec // any one
	s := l.ledger.sessions[i]
	l.ledger.sessions = slices.Delete(l.ledger.sessions, i, i+1)
	return s
}

func (l *load) logOut(ctx context.Context) {
	s := l.takeSession()
	if s == nil {
		return
	}
	s.access.state.Store(ending)
	a, lost := l.ask(ctx, "logout", caller.Request{Method: "POST", Path: "/api/auth/logout", As: s.pair.Access})
	if a.Status != http.StatusNoContent && (a.Status != http.StatusUnauthorized || lost == 0) { // a lost answer may have done it
		l.refused(ctx, "logout", a)
		return
	}
	l.ledger.end(s.access)
}

// replayWindow is how long after a refresh the same client may ask for its answer again.
const replayWindow = 9 * time.Second

func (l *load) refresh(ctx context.Context) {
	s := l.takeSession()
	if s == nil {
		return
	}
	began := time.Now()
	a, lost := l.ask(ctx, "refresh", caller.JSON("POST", "/api/auth/refresh", "", map[string]string{"refresh_token": s.pair.Refresh}))
	switch {
	case a.Status == http.StatusOK:
		l.ledger.forget(s.access) // it goes on until it expires
		s.pair = read[caller.Pair](l, "refresh", a)
		s.access = l.ledger.publish(&credential{text: s.pair.Access, kind: "access token"})
		l.putSession(s)
	case a.Status == http.StatusUnauthorized && lost > 0 && time.Since(began) > replayWindow:
		l.ledger.end(s.access) // repeated too late, as a thief's would be: the session has ended
	default:
		l.refused(ctx, "refresh", a)
	}
}

// appendEvents adds events to a run, each text once, while others do the same.
func (l *load) appendEvents(ctx context.Context) {
	r := l.anyRun(ctx)
	if r == nil {
		return
	}
	var events []map[string]any
	for range 1 + dice.IntN(3) { //nolint:gosec // so many
		events = append(events, map[string]any{"kind": "assist", "text": rand.Text()})
	}
	request := caller.JSON("POST", "/v1/runs/"+r.id+"/events", r.person.Token, map[string]any{"events": events})
	request.Header.Set("Idempotency-Key", rand.Text())
	a, _ := l.ask(ctx, "events", request)
	if a.Status != http.StatusAccepted {
		l.refused(ctx, "events", a)
		return
	}
	got := read[struct {
		First int `json:"first_seq"`
	}](l, "events", a)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, one := range events {
		if seq := got.First + i; r.events[seq] != "" {
			l.find("two appends to the run %s were answered with the number %d", r.id, seq)
		} else {
			r.events[seq] = one["text"].(string)
		}
	}
}

// anyRun returns a run, which it may start.
func (l *load) anyRun(ctx context.Context) *run {
	l.ledger.mu.Lock()
	if len(l.ledger.runs) >= mostRuns {
		defer l.ledger.mu.Unlock()
		return l.ledger.runs[dice.IntN(len(l.ledger.runs))] //nolint:gosec // any one
	}
	l.ledger.mu.Unlock()
	p := l.ledger.anyPerson()
	a, lost := l.ask(ctx, "run", caller.JSON("POST", "/v1/runs", p.Token, map[string]any{}))
	l.ledger.lost(p.ID, "RUN", lost)
	if a.Status != http.StatusCreated {
		l.refused(ctx, "run", a)
		return nil
	}
	r := &run{id: read[struct{ ID string }](l, "run", a).ID, person: p, events: map[int]string{}}
	l.ledger.mu.Lock()
	defer l.ledger.mu.Unlock()
	l.ledger.runs = append(l.ledger.runs, r)
	return r
}

// register makes a user, who does nothing.
func (l *load) register(ctx context.Context, admin caller.Person) {
	email := fmt.Sprintf("soak-idle-%s@example.com", rand.Text())
	a, lost := l.ask(ctx, "register", caller.JSON("POST", "/v1/auth/register", admin.Token, map[string]string{"email": email, "password": rand.Text()}))
	if a.Status != http.StatusCreated && (a.Status != http.StatusConflict || lost == 0) { // a lost answer may have done it
		l.refused(ctx, "register", a)
	}
}
