package link_test

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// read is the token of a link's address, as the page sends it.
func read(t *testing.T, address string) link.Token {
	t.Helper()
	_, text, _ := strings.Cut(address, "?token=")
	token, ok := link.Parse(text)
	if !ok {
		t.Fatalf("the token of %s does not parse", address)
	}
	return token
}

func TestLinkIsGoodForItsOwnTokenUntilItExpires(t *testing.T) {
	now := time.Now()
	u := user.New("ann@example.com", user.Member, now)
	l, token := link.New(u.ID, link.Reset, now)
	back := read(t, token.Address("https://api.example.com/prod/", link.Reset))
	expect.Same(t, "the user", back.UserID, u.ID)
	expect.Same(t, "good at once", l.Good(back, now), true)
	expect.Same(t, "good a second before its end", l.Good(back, now.Add(30*time.Minute-time.Second)), true)
	expect.Same(t, "good at its end", l.Good(back, now.Add(30*time.Minute)), false)
	_, other := link.New(u.ID, link.Reset, now)
	expect.Same(t, "good for another token", l.Good(other, now), false)
	expect.Same(t, "none is good", (*link.Link)(nil).Good(back, now), false)
	expect.Same(t, "the hash shows the token", strings.Contains(token.Address("", link.Reset), l.Hash), false)
}

// A server gets nothing of an address that is behind its #.
func TestTokenIsBehindTheFragment(t *testing.T) {
	_, token := link.New("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", link.Verification, time.Now())
	sent, _, _ := strings.Cut(token.Address("https://api.example.com/prod", link.Verification), "#")
	expect.Same(t, "what a GET sends", sent, "https://api.example.com/prod/dashboard")
}

func TestWhatIsNoTokenDoesNotParse(t *testing.T) {
	_, token := link.New("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", link.Reset, time.Now())
	_, text, _ := strings.Cut(token.Address("", link.Reset), "=")
	for _, bad := range []string{
		"", "lnk_", text[1:], text + "A", text[:len(text)-1], strings.ToLower(text), text[:len(text)-1] + "0", " " + text, text[:40] + "\x00" + text[41:],
		strings.Replace(text, "lnk_", "usr_", 1), strings.Repeat("A", 100000),
	} {
		if _, ok := link.Parse(bad); ok {
			t.Errorf("%.90q parses", bad)
		}
	}
}
