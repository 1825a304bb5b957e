package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
)

//go:embed assets
var assets embed.FS

// The styles of the page, in the order of the cascade. The scripts import each other: see bundle.
var styles = []string{"base.css", "layout.css", "parts.css"}

// settings tell the page about its deployment, before its first request.
type settings struct {
	Scopes      []described                `json:"scopes"`
	Ceilings    map[apikey.Type]scope.Set  `json:"ceilings"`  // the scopes that a key of that type can have at most
	MaxGrace    int                        `json:"max_grace"` // seconds
	MinPassword int                        `json:"min_password"`
	Mail        bool                       `json:"mail"`   // the deployment sends e-mail
	Window      int                        `json:"window"` // of the limits, in seconds
	Limits      map[ratelimit.Category]int `json:"limits"` // of a key that has none of its own; 0 is no limit
}

type described struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// A deployment is what template.yaml tells about it.
type deployment struct {
	limits   ratelimit.Limits
	maxGrace int
	mail     bool
}

func settingsOf(c *scope.Catalogue, d deployment) settings {
	limits := d.limits
	s := settings{Ceilings: map[apikey.Type]scope.Set{}, MaxGrace: d.maxGrace, MinPassword: password.MinChars, Mail: d.mail,
		Window: int(limits.Window.Seconds()), Limits: limits.Max}
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
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		return page{}, err
	}
	shell, err := fs.ReadFile(files, "page.html")
	if err != nil {
		return page{}, err
	}
	style, err := join(files, styles)
	if err != nil {
		return page{}, err
	}
	script, err := bundle(files)
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

func join(files fs.FS, names []string) (string, error) {
	var all bytes.Buffer
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
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
