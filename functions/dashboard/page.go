package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/scope"
)

//go:embed assets
var assets embed.FS

// The sources of the page, in the order in which they are joined. The scripts are one
// module: what one file declares, all see. A function may be called from a file before
// its own; a constant may not.
var (
	styles  = []string{"base.css", "layout.css", "parts.css"}
	scripts = []string{
		"dom.js", "format.js", "problem.js", "api.js", "status.js", "dialog.js", "form.js", "signin.js",
		"scopes.js", "quickstart.js", "secret.js", "keydata.js", "keys.js", "create.js", "actions.js",
		"chart.js", "audit.js", "key.js", "sessions.js", "projects.js", "users.js", "main.js",
	}
)

// settings tell the page about its deployment, before its first request.
type settings struct {
	Scopes      []described               `json:"scopes"`
	Ceilings    map[apikey.Type]scope.Set `json:"ceilings"`  // the scopes that a key of that type can have at most
	MaxGrace    int                       `json:"max_grace"` // seconds
	MinPassword int                       `json:"min_password"`
}

type described struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

func settingsOf(c *scope.Catalogue, maxGrace int) settings {
	s := settings{Ceilings: map[apikey.Type]scope.Set{}, MaxGrace: maxGrace, MinPassword: password.MinChars}
	for _, each := range c.Scopes() {
		s.Scopes = append(s.Scopes, described{each.Name, each.Description})
	}
	for _, t := range []apikey.Type{apikey.Scoped, apikey.Secret, apikey.Client, apikey.ReadOnly} {
		s.Ceilings[t] = t.Ceiling(c)
	}
	return s
}

// A page is the document and its headers. Both are the same for everybody: the page fetches a
// user's own data.
type page struct {
	document []byte
	tag      string
	header   map[string]string
}

func newPage(s settings) (page, error) {
	shell, err := assets.ReadFile("assets/page.html")
	if err != nil {
		return page{}, err
	}
	style, err := join(styles)
	if err != nil {
		return page{}, err
	}
	script, err := join(scripts)
	if err != nil {
		return page{}, err
	}
	data, err := json.Marshal(s) // which escapes <, so it cannot end its element
	if err != nil {
		return page{}, err
	}
	document := []byte(strings.NewReplacer(
		"/*style*/", style, "/*settings*/", string(data), "/*script*/", script,
	).Replace(string(shell)))
	tag := fmt.Sprintf("%q", base64.RawURLEncoding.EncodeToString(digest(document)[:12]))
	return page{document, tag, headers(tag, style, script)}, nil
}

func join(names []string) (string, error) {
	var all bytes.Buffer
	for _, name := range names {
		text, err := assets.ReadFile("assets/" + name)
		if err != nil {
			return "", err
		}
		all.Write(text)
	}
	return all.String(), nil
}

// headers returns headers that allow this document's style and script, by their hashes, and calls
// to its own origin. They allow nothing else, and no markup made from text (Trusted Types).
func headers(tag, style, script string) map[string]string {
	policy := []string{
		"default-src 'none'",
		"script-src 'sha256-" + base64.StdEncoding.EncodeToString(digest([]byte(script))) + "'",
		"style-src 'sha256-" + base64.StdEncoding.EncodeToString(digest([]byte(style))) + "'",
		"img-src data:", // the icon
		"connect-src 'self'",
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'", "trusted-types 'none'",
	}
	return map[string]string{
		"Content-Security-Policy":      strings.Join(policy, "; "),
		"Cache-Control":                "no-cache", // keep it, and ask each time whether it changed
		"ETag":                         tag,
		"Referrer-Policy":              "no-referrer",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Frame-Options":              "DENY", // for browsers that do not know frame-ancestors
	}
}

func digest(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}
