package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/bulk"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

const (
	right  = "correct horse battery staple"
	bcrypt = "$2b$06$V.YRs5h0DTLh/8ukNWpc6ucwWOcApcCM1mSAOSckOG0MR9rU52unq"
	pbkdf2 = "pbkdf2_sha256$2000$a94tGaz2edGRDXj56bmRJm$lXzgI13WK0wrSEqcULXPLTqswZqkEceCUcZMCsRQKk4="
	argon2 = "$argon2id$v=19$m=1024,t=2,p=4$gRlHmjcfN6n86JfD21GKmQ$cSvcYk1FXbMxLeUDFVxW4AUV1awI834Vc0l9yeSRN4M"
)

var ctx = context.Background()

type world struct {
	t     *testing.T
	store *store.Store
}

func (w world) post(caller map[string]any, body string) gatewaytest.Answer {
	w.t.Helper()
	return gatewaytest.Do(w.t, gateway.Protected(handler{w.store, time.Hour}.serve), gatewaytest.Call{
		Method: "POST", Resource: "/v1/users/import", Authorizer: caller, Body: body,
	})
}

func admin() map[string]any {
	return gatewaytest.User("usr_A", "a@example.com", "admin", scope.Default().All().String())
}

func (w world) imports(lines ...string) bulk.Summary {
	w.t.Helper()
	a := w.post(admin(), strings.Join(lines, "\n"))
	var s bulk.Summary
	if err := json.Unmarshal([]byte(a.Body), &s); err != nil || a.Status != 200 {
		w.t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	return s
}

// logIn returns the user who logs in with that, or the refusal.
func (w world) logIn(email, given string) (u user.User, err error) {
	l := login.New(w.store, ratelimit.Limits{Window: time.Minute}, password.Minimum, time.Hour)
	f := gateway.Public(w.store, nil, func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		u, _, err = l.Do(ctx, r, login.Given{Email: email, Password: given}, time.Hour)
		return gateway.NoContent(), err
	})
	gatewaytest.Do(w.t, f, gatewaytest.Call{Method: "POST", Resource: "/v1/auth/login"})
	return u, err
}

func TestImportedUserLogsInWithTheOldPasswordAndIsRehashedThen(t *testing.T) {
	w := world{t, storetest.New(t)}
	for name, hash := range map[string]string{"bcrypt": bcrypt, "pbkdf2": pbkdf2, "argon2": argon2} {
		email := name + "@example.com"
		s := w.imports(fmt.Sprintf(`{"email":"%s","password_hash":"%s","role":"admin"}`, strings.ToUpper(name)+"@example.com", hash))
		expect.Same(t, name+": created", s.Created, 1)
		if _, err := w.logIn(email, right+"x"); err == nil {
			t.Errorf("%s: a wrong password logs in", name)
		}
		if kept, err := w.store.Login(ctx, email); err != nil || kept.PasswordHash != "imported:"+hash {
			t.Errorf("%s: after a wrong password it has %q, %v", name, kept.PasswordHash, err)
		}
		for range 2 {
			u, err := w.logIn(email, right)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			expect.Same(t, name+": id", u.ID, s.Results[0].ID)
			expect.Same(t, name+": role", u.Role, user.Admin)
			kept, err := w.store.Login(ctx, email)
			if err != nil || !strings.HasPrefix(kept.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") {
				t.Errorf("%s: after a login it has %q, %v", name, kept.PasswordHash, err)
			}
		}
		if _, err := w.logIn(email, right+"x"); err == nil {
			t.Errorf("%s: then a wrong password logs in", name)
		}
	}
}

func TestUserWhoIsThereStaysAsTheyAre(t *testing.T) {
	w := world{t, storetest.New(t)}
	u := user.New("a@example.com", user.Member, time.Now())
	if err := w.store.CreateUser(ctx, u, "hash", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	line := `{"email":"A@example.com","password_hash":"` + bcrypt + `","role":"admin"}`
	s := w.imports(line, line)
	expect.Same(t, "exists", s.Exists, 2)
	expect.Same(t, "id", s.Results[0].ID, u.ID)
	kept, err := w.store.Login(ctx, u.Email)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "hash", kept.PasswordHash, "hash")
	if now, err := w.store.User(ctx, u.ID); err != nil || now.Role != user.Member {
		t.Errorf("%+v, %v", now, err)
	}
}

func TestABadLineIsRefusedByItself(t *testing.T) {
	w := world{t, storetest.New(t)}
	rows := []struct{ line, field string }{
		{`{"password_hash":"` + bcrypt + `"}`, "email"},
		{`{"email":"nobody","password_hash":"` + bcrypt + `"}`, "email"},
		{`{"email":"b@example.com"}`, "password_hash"},
		{`{"email":"b@example.com","password_hash":"correct horse battery staple"}`, "password_hash"},
		{`{"email":"b@example.com","password_hash":"imported:` + bcrypt + `"}`, "password_hash"},
		{`{"email":"b@example.com","password_hash":"` + strings.Replace(bcrypt, "$06$", "$31$", 1) + `"}`, "password_hash"},
		{`{"email":"b@example.com","password_hash":"` + bcrypt + `","role":"Admin"}`, "role"},
		{`{"email":"b@example.com","password_hash":"` + bcrypt + `","password":"x"}`, "password"},
	}
	lines := []string{`{"email":"a@example.com","password_hash":"` + bcrypt + `"}`}
	for _, r := range rows {
		lines = append(lines, r.line)
	}
	s := w.imports(lines...)
	expect.Same(t, "created", s.Created, 1)
	for i, r := range rows {
		got := s.Results[i+1]
		if got.Status != bulk.Refused || len(got.Fields) != 1 || got.Fields[0].Field != r.field {
			t.Errorf("%s: %+v", r.line, got)
		}
	}
	if _, err := w.store.Login(ctx, "b@example.com"); err == nil {
		t.Error("a refused line made a user")
	}
}

func TestOnlyAnAdministratorWhoIsLoggedInImportsUsers(t *testing.T) {
	w := world{t, storetest.New(t)}
	line := `{"email":"a@example.com","password_hash":"` + bcrypt + `"}`
	for name, caller := range map[string]map[string]any{
		"a member":         gatewaytest.User("usr_A", "m@example.com", "member", scope.Default().OfRole("member").String()),
		"a key with admin": gatewaytest.Key("4Hk0pQzXw2LmN8sT", "scoped", "usr_A", "prj_A", scope.Default().All().String()),
	} {
		if a := w.post(caller, line); a.Status != 403 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
}
