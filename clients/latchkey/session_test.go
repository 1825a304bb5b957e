//go:build e2e

package main_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

type me struct {
	User       struct{ Email string }
	Credential struct{ Type, ID string }
}

func TestLoginKeepsTokensThatOnlyTheirUserCanRead(t *testing.T) {
	h := newHome(t)
	h.run(t, adminPassword+"\n", "login", "--email", adminEmail, "--password-stdin").is(t, 0)
	for path, want := range map[string]os.FileMode{h.file(): 0o600, filepath.Dir(h.file()): os.ModeDir | 0o700} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the mode of "+path, info.Mode(), want)
	}
	text, err := os.ReadFile(h.file())
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "that the password is kept", bytes.Contains(text, []byte(adminPassword)), false)
	files, err := os.ReadDir(filepath.Dir(h.file()))
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the number of files beside the session's", len(files), 1)
	who := decode[me](t, h.run(t, "", "whoami", "--json").is(t, 0))
	if who.User.Email != adminEmail {
		t.Errorf("the email: %v, want %v", who.User.Email, adminEmail)
	}
	if who.Credential.Type != "user" {
		t.Errorf("the credential's type: %v, want user", who.Credential.Type)
	}
}

func TestLogoutEndsTheSessionOnTheServerToo(t *testing.T) {
	h := newHome(t)
	h.run(t, adminPassword, "login", "--email", adminEmail, "--password-stdin").is(t, 0)
	token := h.kept(t)["access_token"]
	h.run(t, "", "logout").is(t, 0)
	if status, body := api(t, "GET", "/v1/auth/me", token, ""); status != 401 {
		t.Errorf("the token is good still: %d %v", status, body)
	}
	if _, err := os.Stat(h.file()); !os.IsNotExist(err) {
		t.Errorf("the file is there still: %v", err)
	}
	h.run(t, "", "whoami").is(t, 3)
	h.run(t, "", "logout").is(t, 0)
}

func TestTokenIsRefreshedBeforeItExpiresByAllWhoNeedItAtOnce(t *testing.T) {
	h := newHome(t)
	h.run(t, adminPassword, "login", "--email", adminEmail, "--password-stdin").is(t, 0)
	before := h.kept(t)
	session := decode[me](t, h.run(t, "", "whoami", "--json").is(t, 0)).Credential.ID
	h.expire(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			r := h.run(t, "", "whoami", "--json")
			if r.exit != 0 {
				t.Errorf("ended with %d, want 0: %s", r.exit, r.errors)
			}
			if !strings.Contains(r.out, session) {
				t.Errorf("another session: %s", r.out)
			}
		})
	}
	all.Wait()
	if after := h.kept(t); after["refresh_token"] == before["refresh_token"] {
		t.Error("nothing was refreshed")
	}
	h.run(t, "", "logout").is(t, 0)
}

func TestTokenThatTheServiceCallsExpiredIsRefreshed(t *testing.T) {
	h := newHome(t)
	h.run(t, adminPassword, "login", "--email", adminEmail, "--password-stdin").is(t, 0)
	h.change(t, "access_token", "a.b.c")
	h.run(t, "", "whoami").is(t, 0)
	h.run(t, "", "logout").is(t, 0)
}

func TestTokensGoToTheirDeploymentOnly(t *testing.T) {
	var asked atomic.Int32
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer thief.Close()
	h := signedIn(t)
	h.run(t, "", "whoami", "--url", thief.URL).is(t, 3)
	h.run(t, "", "whoami", "--url", "http://api.example.com").is(t, 2)
	redirector := httptest.NewServer(http.RedirectHandler(thief.URL, http.StatusTemporaryRedirect))
	defer redirector.Close()
	h.env = []string{"LATCHKEY_API_KEY=gf_anything"}
	h.run(t, "", "whoami", "--url", redirector.URL).is(t, 1)
	if n := asked.Load(); n != 0 {
		t.Errorf("somebody else was sent %d requests", n)
	}
}

func TestCredentialsThatOthersCanReadAreNotUsed(t *testing.T) {
	h := signedIn(t)
	if err := os.Chmod(h.file(), 0o640); err != nil {
		t.Fatal(err)
	}
	if r := h.run(t, "", "whoami").is(t, 3); !strings.Contains(r.errors, "chmod 600") {
		t.Error(r.errors)
	}
}
