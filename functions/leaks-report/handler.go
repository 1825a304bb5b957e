package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/cacheflush"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/leak"
	"github.com/latchkey/latchkey/shared/metric"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/resource"
	"github.com/latchkey/latchkey/shared/revocation"
	"github.com/latchkey/latchkey/shared/store"
)

// A report of many matches comes in one request (GitHub Docs, "Create a secret alert service").
const (
	maxBody = 1 << 20 // bytes
	atOnce  = 16      // matches that are checked at the same time
)

type handler struct {
	store     *store.Store
	authn     *authn.Authenticator
	keys      *leak.Keys // nil: there is no such route
	scanner   string     // its name in the keys' logs: the host of its public keys
	unsigned  *unsigned
	retention time.Duration
	resources resource.List
	flush     *cacheflush.Flusher
}

// serve makes no call for a report that is not signed, but the read of the scanner's keys, once a
// minute.
func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	if h.keys == nil {
		return gateway.Response{}, problem.NotFound
	}
	body, err := r.BodyUpTo(maxBody, problem.BodyTooLarge.WithDetail("The body is larger than 1 MiB"))
	if err != nil {
		return gateway.Response{}, err
	}
	err = h.keys.Verify(ctx, r.Header("Github-Public-Key-Identifier"), r.Header("Github-Public-Key-Signature"), body)
	if errors.Is(err, leak.ErrUnsigned) {
		err = h.unsigned.refusal(r.Address(), r.Now)
	}
	if err != nil {
		return gateway.Response{}, err
	}
	r.Caller("scanner:"+h.scanner, ratelimit.State{})
	return h.flush.AfterPublic(func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		matches, err := leak.Parse(body)
		if err != nil {
			return gateway.Response{}, err
		}
		verdicts, err := h.judge(ctx, r, matches)
		return gateway.JSON(200, verdicts), err
	})(ctx, r)
}

// judge checks all matches, and revokes what is good. After an error the rest is checked all the same;
// a report that is repeated finds the rest, because what is revoked stays so.
func (h handler) judge(ctx context.Context, r *gateway.Request, matches []leak.Match) ([]leak.Verdict, error) {
	found := map[string]leak.Match{} // by token: one may be found in many places
	for _, m := range matches {
		found[m.Token] = m
	}
	var (
		all      sync.WaitGroup
		mu       sync.Mutex
		genuine  = map[string]bool{}
		failures error
		turn     = make(chan struct{}, atOnce)
	)
	for token, m := range found {
		all.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			is, err := h.end(ctx, r, m)
			mu.Lock()
			defer mu.Unlock()
			genuine[token], failures = is, errors.Join(failures, err)
		})
	}
	all.Wait()
	verdicts := make([]leak.Verdict, len(matches))
	for i, m := range matches {
		verdicts[i] = m.Verdict(genuine[m.Token])
	}
	return verdicts, failures
}

// end revokes what a match is a credential for. It reports whether the match is, or was, a secret of
// this deployment. A client key is none: apps carry it.
func (h handler) end(ctx context.Context, r *gateway.Request, m leak.Match) (genuine bool, err error) {
	identity, err := h.authn.Inspect(ctx, m.Token, h.resources.All(), r.Now)
	var refused *problem.Problem
	switch {
	case err != nil && !errors.As(err, &refused):
		return false, err
	case identity.Key != nil && identity.Key.Type == apikey.Client:
		return false, nil
	case refused != nil && refused != problem.APIKeyDisabled: // it is good for nothing any more, if it ever was
		return identity.Proven || identity.Claims != nil || refused == problem.TokenExpired, nil
	}
	by := audit.Source{
		Actor:   audit.Actor{Type: "scanner", ID: h.scanner},
		Address: r.Address(), UserAgent: r.UserAgent(), RequestID: r.ID(), Now: r.Now,
	}
	place := m.Place()
	err = revocation.End(ctx, h.store, identity, by, h.retention, place)
	if err == nil {
		h.notify(ctx, r, identity, place)
	}
	return true, err
}

// notify writes a line whose metric an alarm watches (LeaksAlarm in template.yaml).
func (h handler) notify(ctx context.Context, r *gateway.Request, i authn.Identity, place map[string]string) {
	attrs := []slog.Attr{slog.String("request_id", r.ID()), slog.String("owner", i.Owner()), slog.Any("found", place)}
	if i.Session != nil {
		attrs = append(attrs, slog.String("session", i.Session.ID))
	} else {
		attrs = append(attrs, slog.String("key", i.Key.ID), slog.String("key_type", string(i.Key.Type)), slog.String("project", i.Key.Project))
	}
	slog.LogAttrs(ctx, slog.LevelWarn, "a leaked credential was revoked",
		append(attrs, metric.Attrs(r.Now, metric.Value{Name: "Leaks", Unit: metric.Count, Value: 1})...)...)
}
