package mail_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/mail"
	"github.com/latchkey/latchkey/tests/expect"
)

const address = "https://api.example.com/prod/dashboard#/reset?token=lnk_AAAA"

var facts = mail.Facts{
	Email: "ann@example.com", Service: "Acme", When: "31 January 2030, 11:00 UTC", Device: "Firefox on macOS", Address: "192.0.2.7", Link: address,
}

func TestEachMessageSaysTheSameInTextAndInHTML(t *testing.T) {
	for name, m := range mail.Messages {
		l, err := m.With(facts)
		if err != nil {
			t.Fatal(err)
		}
		for kind, body := range map[string]string{"text": l.Text, "HTML": l.HTML} {
			expect.Same(t, name+": the "+kind+" has the link", strings.Contains(body, address), true)
			expect.Same(t, name+": the "+kind+" names the service", strings.Contains(body, "Acme"), true)
			expect.Same(t, name+": the "+kind+" names the account", strings.Contains(body, "ann@example.com") || strings.Contains(body, "ann&#43;"), true)
			expect.Same(t, name+": the "+kind+" has a placeholder", regexp.MustCompile(`\{[a-z]+\}`).MatchString(body), false)
		}
		expect.Same(t, name+": the subject is one line", strings.ContainsAny(l.Subject, "\r\n{"), false)
		expect.Same(t, name+": the text has markup", strings.Contains(l.Text, "<"), false)
	}
}

// Nothing in a message is fetched when it is opened, and its one address is that of the link.
func TestNoMessageTellsThatItWasRead(t *testing.T) {
	fetched := regexp.MustCompile(`(?i)<(img|link|script|iframe|video|audio|object|embed)|url\(|src=|@import`)
	for name, m := range mail.Messages {
		l, err := m.With(facts)
		if err != nil {
			t.Fatal(err)
		}
		if found := fetched.FindString(l.HTML); found != "" {
			t.Errorf("%s fetches something: %s", name, found)
		}
		for _, found := range regexp.MustCompile(`https?://[^\s"<]+`).FindAllString(l.Text+l.HTML, -1) {
			if found != address {
				t.Errorf("%s has another address: %s", name, found)
			}
		}
	}
}

func TestWhatSomebodyChoseIsNoMarkup(t *testing.T) {
	l, err := mail.Messages["reset"].With(mail.Facts{Email: `"<b>"@example.com`, Service: "<script>alert(1)</script>", Link: "javascript:alert(1)"})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<b>", "<script>", `href="javascript`} {
		expect.Same(t, "the HTML has "+bad, strings.Contains(l.HTML, bad), false)
	}
}

func TestTheMessageAboutASignInTellsWhenAndFromWhere(t *testing.T) {
	l, err := mail.Messages["sign-in"].With(facts)
	if err != nil {
		t.Fatal(err)
	}
	for _, fact := range []string{facts.When, facts.Device, facts.Address} {
		expect.Same(t, "text and HTML have "+fact, strings.Contains(l.Text, fact) && strings.Contains(l.HTML, fact), true)
	}
}
