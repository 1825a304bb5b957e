package outbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/latchkey/latchkey/shared/session"
)

// SignIn is the name of the message about a sign-in from a device or an address that is new to an account.
const SignIn = "sign-in"

// A NewDevice is what that message tells.
type NewDevice struct {
	Session string    `json:"session"`
	Device  string    `json:"device"` // its name; no text that a caller chose
	Address string    `json:"address"`
	At      time.Time `json:"at"`
}

// tellFor is how long a login may wait until Lambda has the message.
const tellFor = 500 * time.Millisecond

// Teller returns what tells users of sign-ins on new devices (login.Tell); nil where no mail is sent.
func (o Outbox) Teller() func(context.Context, session.Session) {
	if !o.Sends() {
		return nil
	}
	return o.tell
}

// tell hands over that a session was opened on a new device. The login is done, so it does not fail
// whether the message goes or not.
func (o Outbox) tell(ctx context.Context, ses session.Session) {
	ctx, cancel := context.WithTimeout(ctx, tellFor)
	defer cancel()
	device, _ := session.KnownDevice(ses.UserAgent)
	err := o.Put(ctx, Message{Name: SignIn, UserID: ses.UserID, SignIn: &NewDevice{ses.ID, device, ses.Address, ses.CreatedAt}})
	if err != nil {
		slog.ErrorContext(ctx, "nobody is told of a sign-in from a new device", "user", ses.UserID, "session", ses.ID, "error", err)
	}
}
