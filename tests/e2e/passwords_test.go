//go:build e2e

package e2e

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

var newPassword = rand.Text()

func TestChangedPasswordLeavesThisSessionAlone(t *testing.T) {
	p := member(t)
	elsewhere := logIn(t, p.Email, p.password).Token
	change := object{"current_password": p.password, "password": newPassword}
	post(t, p.token, "/v1/auth/password", object{"current_password": "guess", "password": newPassword}).refused(t, 422, "VALIDATION_ERROR")
	send(t, request{method: "GET", path: me, as: elsewhere}).is(t, 200)
	post(t, p.token, "/v1/auth/password", change).is(t, 204)
	send(t, request{method: "GET", path: me, as: p.token}).is(t, 200)
	send(t, request{method: "GET", path: me, as: elsewhere}).refused(t, 401, "TOKEN_INVALID")
	post(t, "", "/v1/auth/login", object{"email": p.Email, "password": p.password}).refused(t, 401, "INVALID_CREDENTIALS")
	logIn(t, p.Email, newPassword)
	k := newKey(t, p.token, nil)
	post(t, k.Key, "/v1/auth/password", change).refused(t, 403, "INSUFFICIENT_SCOPE")
}

// A letter is what the emulator's SES was given to send.
type letter struct {
	To                          []string
	Source                      string
	Subject, BodyText, BodyHTML string
	Timestamp                   float64
}

// letters are those to an address, the oldest first.
func letters(t testing.TB, to string) (found []letter) {
	t.Helper()
	res, err := http.Get(os.Getenv("AWS_ENDPOINT_URL") + "/_ministack/ses/messages")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var all struct{ Messages map[string][]letter }
	if err := json.NewDecoder(res.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}
	for _, list := range all.Messages {
		for _, each := range list {
			if slices.Contains(each.To, to) {
				found = append(found, each)
			}
		}
	}
	return found
}

// letterTo waits for a number of letters to an address, and returns the last and the token of its link.
func letterTo(t testing.TB, to string, number int) (letter, string) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if found := letters(t, to); len(found) >= number {
			last := found[len(found)-1]
			link := regexp.MustCompile(`#/(?:reset|invitation|verify)\?token=(lnk_[A-Z2-7]{78})`).FindStringSubmatch(last.BodyText)
			if link == nil || !strings.Contains(last.BodyHTML, link[1]) {
				t.Fatalf("the letter has no link in text and HTML:\n%s\n%s", last.BodyText, last.BodyHTML)
			}
			keepSecret(link[1])
			return last, link[1]
		}
		if time.Now().After(until) {
			t.Fatalf("%d letters to %s after half a minute, want %d", len(letters(t, to)), to, number)
		}
	}
}

func forgot(t testing.TB, email string) answer {
	t.Helper()
	return post(t, "", "/v1/auth/password/forgot", object{"email": email})
}

func TestForgottenPasswordIsResetByTheLinkOfALetter(t *testing.T) {
	needs(t, theMail)
	p := member(t)
	elsewhere := logIn(t, p.Email, p.password).Token
	forgot(t, strings.ToUpper(p.Email)).is(t, 202)
	first, token := letterTo(t, p.Email, 1)
	expect.Same(t, "it leads to the dashboard", strings.Contains(first.BodyText, os.Getenv("ISSUER")+"/dashboard#/reset?token="), true)
	expect.Same(t, "the sender", strings.HasSuffix(first.Source, "<no-reply@example.com>"), true)

	// A scanner of mail follows the link: nothing happens.
	for _, method := range []string{"GET", "HEAD"} {
		send(t, request{method: method, path: "/dashboard?token=" + token})
	}
	send(t, request{method: "GET", path: "/v1/auth/password/reset?token=" + token}).is(t, 404)
	send(t, request{method: "GET", path: me, as: elsewhere}).is(t, 200)

	forgot(t, p.Email).is(t, 202)
	_, later := letterTo(t, p.Email, 2)
	reset := func(token, password string) answer {
		return post(t, "", "/v1/auth/password/reset", object{"token": token, "password": password})
	}
	reset(token, newPassword).refused(t, 422, "VALIDATION_ERROR") // the later one has taken its place
	reset(later, "password1").refused(t, 422, "VALIDATION_ERROR")
	reset(later, newPassword).is(t, 204)
	reset(later, "yet another horse").refused(t, 422, "VALIDATION_ERROR")
	for _, as := range []string{p.token, elsewhere} {
		send(t, request{method: "GET", path: me, as: as}).refused(t, 401, "TOKEN_INVALID")
	}
	post(t, "", "/v1/auth/login", object{"email": p.Email, "password": p.password}).refused(t, 401, "INVALID_CREDENTIALS")
	logIn(t, p.Email, newPassword)
}

// The answer cannot tell who has an account, and nobody is sent more than a few letters.
func TestForgottenPasswordOfNobodyIsAnsweredAlikeAndSendsNothing(t *testing.T) {
	needs(t, theMail)
	p, gone := register(t), register(t)
	patchUser(t, admin(t).token, gone.ID, object{"disabled": true}).is(t, 200)
	nobody := freshEmail()
	of := func(email string) (answers []answer) {
		for range 7 { // two more than an address gets
			answers = append(answers, forgot(t, email))
		}
		return answers
	}
	theirs, unknown, disabled := of(p.Email), of(nobody), of(gone.Email)
	for i := range theirs {
		for name, other := range map[string]answer{"nobody": unknown[i], "one who is disabled": disabled[i]} {
			expect.Same(t, name+": status", other.status, theirs[i].status)
			expect.Same(t, name+": body", string(other.body), string(theirs[i].body))
			expect.Same(t, name+": the number of headers", len(other.header), len(theirs[i].header))
		}
		expect.Same(t, "status", theirs[i].status, 202)
	}
	letterTo(t, p.Email, 5)
	time.Sleep(time.Second) // for one too many
	expect.Same(t, "letters to the owner", len(letters(t, p.Email)), 5)
	expect.Same(t, "letters to nobody", len(letters(t, nobody)), 0)
	expect.Same(t, "letters to one who is disabled", len(letters(t, gone.Email)), 0)
	forgot(t, "no address").refused(t, 422, "VALIDATION_ERROR")
}

type delivery struct {
	Purpose string
	Sent    bool
	URL     string
}

func TestInvitedUserChoosesTheirPassword(t *testing.T) {
	needs(t, theMail)
	email := freshEmail()
	made := decode[struct {
		User       user
		Invitation delivery
	}](t, post(t, admin(t).token, "/v1/auth/register", object{"email": email}).is(t, 201))
	expect.Same(t, "the invitation", made.Invitation, delivery{"invitation", true, ""})
	letterTo(t, email, 1)
	path := "/v1/users/" + made.User.ID
	expect.Same(t, "what they are", decode[userAccount](t, send(t, request{method: "GET", path: path, as: admin(t).token}).is(t, 200)).Status, "invited")
	again := decode[delivery](t, post(t, admin(t).token, path+"/link", object{"purpose": "invitation"}).is(t, 201))
	expect.Same(t, "the second invitation", again, delivery{"invitation", true, ""})
	_, token := letterTo(t, email, 2)
	post(t, "", "/v1/auth/password/reset", object{"token": token, "password": newPassword}).is(t, 204)
	logIn(t, email, newPassword)
	expect.Same(t, "what they are then", decode[userAccount](t, send(t, request{method: "GET", path: path, as: admin(t).token}).is(t, 200)).Status, "active")

	shown := decode[delivery](t, post(t, admin(t).token, path+"/link", object{"purpose": "reset", "show": true}).is(t, 201))
	_, token, _ = strings.Cut(shown.URL, "?token=")
	keepSecret(token)
	post(t, "", "/v1/auth/password/reset", object{"token": token, "password": newPassword + "s"}).is(t, 204)
	logIn(t, email, newPassword+"s")
	log, entries := accountLog(t, admin(t).token, path+"/log")
	expect.Same(t, "the log", log, "registered, link_made, link_made, password_reset, signed_in, link_made, password_reset, signed_in")
	for i, want := range map[int]string{2: "reset to the administrator", 5: "invitation by e-mail", 6: "invitation by e-mail"} {
		expect.Same(t, "a link in the log", entries[i].Detail["purpose"]+" "+entries[i].Detail["given"], want)
		expect.Same(t, "who made it", entries[i].Actor.ID, admin(t).ID)
	}
	post(t, other(t).token, path+"/link", object{"purpose": "reset"}).refused(t, 403, "INSUFFICIENT_SCOPE")
}

func TestAddressIsVerifiedByTheLinkOfALetter(t *testing.T) {
	needs(t, theMail)
	p := member(t)
	post(t, p.token, "/v1/auth/verify/resend", nil).is(t, 204)
	_, token := letterTo(t, p.Email, 1)
	verify := func(token string) answer { return post(t, "", "/v1/auth/verify", object{"token": token}) }
	post(t, "", "/v1/auth/password/reset", object{"token": token, "password": newPassword}).refused(t, 422, "VALIDATION_ERROR")
	verify(token).is(t, 204)
	verify(token).refused(t, 422, "VALIDATION_ERROR")
	verify("lnk_").refused(t, 422, "VALIDATION_ERROR")
	log, _ := accountLog(t, p.token, "/v1/auth/log")
	expect.Same(t, "the log", log, "registered, signed_in, address_verified")
}
