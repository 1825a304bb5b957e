package guard

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

const (
	longestKey  = 4096
	longestPath = 2048
)

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// credential returns the one key that a request has, read as Latchkey's authorizer reads it. An Authorization without a token
// is a wrong credential, not an absent one.
func credential(h http.Header) (string, *refusal) {
	var found []string
	for _, text := range h.Values("Authorization") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		scheme, token, _ := strings.Cut(text, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return "", invalidToken("Authorization must be of the Bearer scheme")
		}
		if token = strings.TrimSpace(token); token == "" {
			return "", invalidToken("Authorization has no token")
		}
		found = append(found, token)
	}
	for _, text := range h.Values("X-Api-Key") {
		if text = strings.TrimSpace(text); text != "" {
			found = append(found, text)
		}
	}
	slices.Sort(found)
	switch found = slices.Compact(found); {
	case len(found) == 0:
		return "", missingCredentials()
	case len(found) > 1:
		return "", multipleCredentials()
	case len(found[0]) > longestKey:
		return "", invalidKey()
	}
	return found[0], nil
}

// question returns what Latchkey is asked about a request. It does not take a method or path that no question may have.
func (g *Guard) question(r *http.Request, key string, n need) (question, *refusal) {
	q := question{Key: key, Method: r.Method, Scopes: n.scopes, Address: g.address(r), API: g.config.API}
	if !slices.Contains(methods, r.Method) {
		return q, forbidden("This method cannot be checked")
	}
	if n.byPath {
		q.Path = r.URL.EscapedPath() // what can be read in two ways is refused there
		if !strings.HasPrefix(q.Path, "/") || len(q.Path) > longestPath {
			return q, forbidden("This path cannot be checked")
		}
	}
	return q, nil
}

// address returns the caller's address, or "" if it is not known: then a key that is bound to addresses is refused.
func (g *Guard) address(r *http.Request) string {
	text := r.RemoteAddr
	if n := g.config.TrustedProxies; n > 0 {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if len(hops) < n {
			return ""
		}
		text = strings.TrimSpace(hops[len(hops)-n])
	}
	if there, err := netip.ParseAddrPort(text); err == nil {
		return there.Addr().Unmap().String()
	}
	there, err := netip.ParseAddr(text)
	if err != nil {
		return ""
	}
	return there.Unmap().String()
}
