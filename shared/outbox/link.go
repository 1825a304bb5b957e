package outbox

import (
	"context"
	"os"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/user"
)

// A Delivery is how a user gets a link, for the administrator who asked for it.
type Delivery struct {
	Purpose   link.Purpose `json:"purpose"`
	Sent      bool         `json:"sent"`          // by e-mail: then nobody else sees it
	URL       string       `json:"url,omitempty"` // it is shown here only
	ExpiresIn int          `json:"expires_in"`    // seconds
}

// Sent is the Delivery of a link that mail-send makes.
func Sent(p link.Purpose) Delivery {
	return Delivery{Purpose: p, Sent: true, ExpiresIn: int(p.Lifetime().Seconds())}
}

// Shown is the Delivery of a link whose token the caller has.
func Shown(r *gateway.Request, p link.Purpose, t link.Token) Delivery {
	return Delivery{Purpose: p, URL: t.Address(r.PublicURL(os.Getenv("ISSUER")), p), ExpiresIn: int(p.Lifetime().Seconds())}
}

// Deliver mails a link to a user, which somebody makes for them.
func (o Outbox) Deliver(ctx context.Context, u user.User, p link.Purpose, by audit.Source) (Delivery, error) {
	return Sent(p), o.Put(ctx, Message{Name: string(p), UserID: u.ID, By: &by})
}
