package link_test

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/user"
)

// What parses is a token to the letter, of an id that a user can have.
func FuzzToken(f *testing.F) {
	_, token := link.New("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", link.Reset, time.Unix(0, 0))
	_, text, _ := strings.Cut(token.Address("", link.Reset), "=")
	for _, seed := range []string{text, text + "A", "lnk_", "", strings.Repeat("A", 82)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		token, ok := link.Parse(text)
		if !ok {
			return
		}
		if !user.ValidID(token.UserID) || !strings.HasSuffix(token.Address("", link.Reset), "?token="+text) || len(text) != 82 {
			t.Errorf("%q is the token of %q", text, token.UserID)
		}
	})
}
