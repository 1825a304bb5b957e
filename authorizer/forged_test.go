package main

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
)

// Who could sign, with a stolen secret, would still need the id of a session, and get no more than
// its user has.
func TestTokenOfOneUserForTheSessionOfAnotherIsRefused(t *testing.T) {
	w := newWorld(t, modeFunction)
	ses, good := w.login()
	expect.Same(t, "the user's own token", w.refusal(get("Authorization: Bearer "+good)), "")
	other := ses.Claims(token.Session, time.Hour)
	other.Subject = "usr_B"
	expect.Same(t, "a token of another user for that session", w.refusal(get("Authorization: Bearer "+w.sign(other))), "TOKEN_INVALID")
	nowhere := ses.Claims(token.Session, time.Hour)
	nowhere.SessionID = "ses_NONE"
	expect.Same(t, "a token for no session", w.refusal(get("Authorization: Bearer "+w.sign(nowhere))), "TOKEN_INVALID")
	none := apikey.Key{ID: apikey.NewID(), Generation: 1}
	expect.Same(t, "a token of a key that does not exist", w.refusal(get("Authorization: Bearer "+w.clientToken(none, "admin"))), "TOKEN_INVALID")
}
