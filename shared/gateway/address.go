package gateway

import (
	"net/url"
	"strings"
)

// PublicURL is where callers are told to reach the API: at issuer, the parameter Issuer,
// if that is a URL, otherwise at the address under which this request reached it.
func (r *Request) PublicURL(issuer string) string {
	if strings.Contains(issuer, "://") {
		return issuer
	}
	return r.BaseURL()
}

// BaseURL is the address under which the API was called, without a slash at the end: with
// the stage, or with the base path of a custom domain.
func (r *Request) BaseURL() string {
	scheme := r.Header("X-Forwarded-Proto")
	if scheme == "" {
		scheme = "https"
	}
	return scheme + "://" + r.Header("Host") + r.basePath()
}

// basePath is the path that the caller sent less the path within the API. The resource tells
// where that begins: the event's own path has a custom domain's base path in it, and the
// resource has not. Parameters stand in the path as they were sent or decoded.
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
