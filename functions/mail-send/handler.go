package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/mail"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct {
	store   *store.Store
	ses     *sesv2.Client
	from    string // the sender's address
	service string // the sender's name
	base    string // the API's address, for links: a parameter of the deployment, nothing that a caller sends

	retention time.Duration // of the account's log
}

// serve is what Lambda invokes.
func (h handler) serve(ctx context.Context, m outbox.Message) error {
	err := h.write(ctx, m)
	if err != nil {
		slog.ErrorContext(ctx, "message not sent", "message", m.Name, "error", err)
	}
	return err
}

// write sends a message. It sends nothing, without an error, to who is not there, or may not log in: an
// error would have Lambda repeat it.
func (h handler) write(ctx context.Context, m outbox.Message) error {
	u, err := h.receiver(ctx, m)
	if err != nil || u.ID == "" {
		return err
	}
	name := nameFor(u, m.Name)
	message, ok := mail.Messages[name]
	if !ok {
		return fmt.Errorf("there is no message %q", m.Name)
	}
	facts, err := h.facts(ctx, u, name, m)
	if err != nil || facts.Link == "" {
		return err
	}
	letter, err := message.With(facts)
	if err != nil {
		return err
	}
	if err := h.send(ctx, u.Email, letter); err != nil {
		return err
	}
	slog.InfoContext(ctx, "message sent", "message", name, "target", u.ID)
	return nil
}

// facts are those of a message, without a link if it is not to be sent.
func (h handler) facts(ctx context.Context, u user.User, name string, m outbox.Message) (f mail.Facts, err error) {
	f = mail.Facts{Email: u.Email, Service: h.service}
	if s := m.SignIn; s != nil {
		if wanted, err := h.wanted(ctx, u.ID, *s); err != nil || !wanted {
			return f, err
		}
		f.When, f.Device, f.Address = s.At.UTC().Format("2 January 2006, 15:04 UTC"), s.Device, s.Address
		f.Link = h.base + "/dashboard#/account"
		return f, nil
	}
	address, err := h.link(ctx, u, link.Purpose(name), m.By)
	if errors.Is(err, store.ErrConflict) { // they were disabled at this moment
		return f, nil
	}
	f.Link = address
	return f, err
}

// link makes the newest link of a user, and returns its address. by is who makes it for them, or nil.
func (h handler) link(ctx context.Context, u user.User, p link.Purpose, by *audit.Source) (string, error) {
	l, token := link.New(u.ID, p, time.Now())
	if by == nil {
		return token.Address(h.base, p), h.store.SetLink(ctx, u.ID, p, l)
	}
	by.Now = time.Now()
	made := audit.MadeLink(string(p), audit.ByMail, *by, h.retention)
	return token.Address(h.base, p), h.store.MakeLink(ctx, u, p, l, made)
}

// nameFor is an invitation for somebody who asks for another password and has none yet.
func nameFor(u user.User, wanted string) string {
	if wanted == string(link.Reset) && u.InvitedAt != nil {
		return string(link.Invitation)
	}
	return wanted
}

// receiver returns who gets the message, or the zero User if nobody does.
func (h handler) receiver(ctx context.Context, m outbox.Message) (user.User, error) {
	id := m.UserID
	if id == "" {
		found, err := h.store.Login(ctx, m.Email)
		if err != nil {
			return user.User{}, orNobody(err)
		}
		id = found.UserID
	}
	u, err := h.store.User(ctx, id)
	if err != nil || u.DisabledAt != nil {
		return user.User{}, orNobody(err)
	}
	return u, nil
}

func orNobody(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// send has SES send a letter. It names no configuration set, so SES tracks nothing.
func (h handler) send(ctx context.Context, to string, l mail.Letter) error {
	text := func(s string) *types.Content { return &types.Content{Data: &s, Charset: aws.String("UTF-8")} }
	from := netmail.Address{Name: h.service, Address: h.from}
	_, err := h.ses.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(from.String()),
		Destination:      &types.Destination{ToAddresses: []string{to}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: text(l.Subject), Body: &types.Body{Text: text(l.Text), Html: text(l.HTML)},
		}},
	})
	if err != nil {
		return fmt.Errorf("failed to send a message by SES: %w", err)
	}
	return nil
}
