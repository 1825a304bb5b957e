package gateway

import (
	"net/url"
	"strings"
)

// PublicURL returns the API's address as callers are told it. That is issuer (the parameter
// Issuer) if it is a URL, else the address to which this request was sent.
func (r *Request) PublicURL(issuer string) string {
	if strings.Contains(issuer, "://") {
		return issuer
	}
	return r.BaseURL()
}

// BaseURL returns the address to which the request was sent, without a slash at the end: with the
// stage, or with the base path of a custom domain.
func (r *Request) BaseURL() string {
	scheme := r.Header("X-Forwarded-Proto")
	if scheme == "" {
		scheme = "https"
	}
	return scheme + "://" + r.Header("Host") + r.basePath()
}

// basePath returns the part of the caller's path before the path within the API. The resource
// shows where that begins: unlike the event's path, it lacks a custom domain's base path.
// Parameters are in the path as they were sent, or decoded.
func (r *Request) basePath() string {
	path := strings.TrimSuffix(r.event.RequestContext.Path, "/")
	for _, spelling := range []func(string) string{asItIs, url.PathEscape, unescaped} {
		within := r.event.Resource
		for name, value := range r.event.PathParameters {
			within = strings.ReplaceAll(within, "{"+name+"}", spelling(value))
		}
		if base, ok := strings.CutSuffix(path, strings.TrimSuffix(within, "/")); ok {
			return base
		}
	}
	return strings.TrimSuffix(path, strings.TrimSuffix(r.event.Path, "/"))
}

func asItIs(text string) string { return text }

func unescaped(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}
