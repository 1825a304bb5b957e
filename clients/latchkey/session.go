package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// A token is renewed this long before it expires, but no more than a fifth of its life.
const early = time.Minute

// The service answers a repeated refresh with the same pair for 10 s; later it treats the
// repetition as theft and ends the session. So a refresh has a short time limit,
// and is not repeated near those 10 s.
const (
	refreshTimeout = 4 * time.Second
	replayWindow   = 8 * time.Second
)

// pair is the answer to a login and to a refresh.
type pair struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int    `json:"expires_in"` // seconds
}

// keep saves a pair that was asked for at a certain time.
func (c *credentials) keep(body json.RawMessage, asked time.Time) error {
	var p pair
	if err := json.Unmarshal(body, &p); err != nil {
		return err
	}
	life := time.Duration(p.ExpiresIn) * time.Second
	c.AccessToken, c.RefreshToken = p.AccessToken, p.RefreshToken
	c.ExpiresAt = asked.Add(life - min(early, life/5)).UTC()
	return c.save()
}

// bearer is an access token that is good, as far as is known here. The one that the
// service has just refused is not.
func (c *client) bearer(ctx context.Context, refused string) (string, error) {
	var try refreshing
	for {
		// Read again each time: another process may have refreshed, and used this token up.
		kept, err := loadCredentials()
		if err != nil {
			return "", err
		}
		if kept.URL != c.base {
			return "", errSignedOut
		}
		asked := time.Now()
		if kept.AccessToken != refused && asked.Before(kept.ExpiresAt) {
			return kept.AccessToken, nil
		}
		body, err := c.refresh(ctx, kept.RefreshToken)
		if err == nil {
			err = kept.keep(body, asked)
			return kept.AccessToken, err
		}
		if isTokenOver(err) {
			return "", &failure{exitRefused, "the session has ended; use `latchkey login`"}
		}
		wait, again := try.after(err, kept.RefreshToken, asked)
		if !again {
			return "", err
		}
		if err := c.wait(ctx, wait, err); err != nil {
			return "", err
		}
	}
}

func (c *client) refresh(ctx context.Context, token string) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	return c.once(ctx, post("/api/auth/refresh", map[string]string{"refresh_token": token}))
}

// refreshing is the state of the attempts to refresh.
type refreshing struct {
	count int
	token string
	first time.Time // when token was sent first, if the service may have taken it
}

// after reports whether to try again after an error, and how long to wait before.
func (t *refreshing) after(err error, token string, asked time.Time) (time.Duration, bool) {
	if t.token != token {
		t.token, t.first = token, time.Time{}
	}
	var r *refusal
	refused := errors.As(err, &r)
	limited := refused && r.status == http.StatusTooManyRequests
	unknown := !refused || r.status >= http.StatusInternalServerError
	if unknown && t.first.IsZero() {
		t.first = asked
	}
	wait := nextWait(0, r)
	t.count++
	late := !t.first.IsZero() && time.Since(t.first)+wait+wait/4 > replayWindow
	return wait, t.count < attempts && !late && (limited || unknown)
}
