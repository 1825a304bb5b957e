// Package mail owns the messages that people get by e-mail. A message is one file with its words: see
// reset.go. Each goes out as plain text and as HTML, with the same words, without pictures, and without
// anything that tells who has read it.
package mail

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
)

// A Message is a kind of message.
type Message struct {
	subject string
	// lines are paragraphs, with the facts in braces.
	lines []string
	// action is the text of the link, which stands after the lines; "" for a message without.
	action string
	after  []string // paragraphs after the link
}

// Messages has every message by its name, which for one about a link is the purpose of the link.
var Messages = map[string]Message{"reset": reset, "invitation": invitation, "verification": verification, "sign-in": signIn}

// Facts are what the words of a message name in braces, and its link.
type Facts struct {
	Email, Service        string
	When, Device, Address string // of a sign-in
	Link                  string
}

// A Letter is a message to one person.
type Letter struct{ Subject, Text, HTML string }

// With returns the letter of a message.
func (m Message) With(f Facts) (Letter, error) {
	facts := strings.NewReplacer("{service}", f.Service, "{email}", f.Email, "{when}", f.When, "{device}", f.Device, "{address}", f.Address)
	words := func(lines []string) []string {
		said := make([]string, len(lines))
		for i, line := range lines {
			said[i] = facts.Replace(line)
		}
		return said
	}
	subject := words([]string{m.subject})[0]
	before, after := words(m.lines), words(m.after)
	paragraphs := before
	if m.action != "" {
		paragraphs = append(append([]string{}, before...), m.action+":\n"+f.Link)
	}
	text := strings.Join(append(append([]string{}, paragraphs...), after...), "\n\n") + "\n"
	var html bytes.Buffer
	err := page.Execute(&html, struct {
		Subject       string
		Before, After []string
		Action, Link  string
	}{subject, before, after, m.action, f.Link})
	if err != nil {
		return Letter{}, fmt.Errorf("failed to write a message: %w", err)
	}
	return Letter{subject, text, html.String()}, nil
}

// page sets no colours but the button's, so that it is readable where a mail program shows it dark.
var page = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>{{.Subject}}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="max-width:34em;margin:0 auto">
{{range .Before}}<p>{{.}}</p>
{{end}}{{if .Action}}<p><a href="{{.Link}}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1f5fbf;color:#ffffff;text-decoration:none">{{.Action}}</a></p>
<p style="font-size:14px;word-break:break-all">{{.Link}}</p>
{{end}}{{range .After}}<p style="font-size:14px">{{.}}</p>
{{end}}</div></body></html>
`))
