//go:build e2e

package e2e

import (
	"crypto/rand"
	"fmt"
	"hash/crc32"
	"strings"
	"sync"
	"testing"
	"time"
)

// A person is a user with one session.
type person struct {
	user
	password, token string
}

type user struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"`
	Role      string    `json:"role"`
	CreatedAt time.Time `json:"created_at"`
}

type loggedIn struct {
	OK        bool   `json:"ok"`
	Token     string `json:"token"`
	User      user   `json:"user"`
	TokenType string `json:"token_type"`
	ExpiresIn int    `json:"expires_in"`
}

type object = map[string]any

func logIn(t testing.TB, email, password string) loggedIn {
	t.Helper()
	return decode[loggedIn](t, post(t, "", "/v1/auth/login", object{"email": email, "password": password}).is(t, 200))
}

// shared is a person who logs in once for the whole run.
type shared struct {
	once sync.Once
	person
}

var theOperator, theAdmin, theOwner, theOther shared

func (s *shared) get(t testing.TB, logIn func(testing.TB) person) person {
	t.Helper()
	s.once.Do(func() { s.person = logIn(t) })
	if s.token == "" {
		t.Fatal("somebody whom other tests need as well could not log in")
	}
	return s.person
}

// operator is the administrator whose login the suite was given.
func operator(t testing.TB) person {
	t.Helper()
	return theOperator.get(t, func(t testing.TB) person {
		in := logIn(t, operatorEmail, operatorPassword)
		return person{in.User, operatorPassword, in.Token}
	})
}

// admin is an administrator of this run's own.
func admin(t testing.TB) person {
	t.Helper()
	return theAdmin.get(t, func(t testing.TB) person {
		p := person{password: rand.Text()}
		body := object{"email": freshEmail(), "password": p.password, "role": "admin"}
		p.user = decode[loggedIn](t, post(t, operator(t).token, "/v1/auth/register", body).is(t, 201)).User
		p.token = logIn(t, p.Email, p.password).Token
		return p
	})
}

// owner and other are two members, strangers to each other.
func owner(t testing.TB) person { t.Helper(); return theOwner.get(t, member) }
func other(t testing.TB) person { t.Helper(); return theOther.get(t, member) }

// register makes a member who has not logged in.
func register(t testing.TB) person {
	t.Helper()
	p := person{password: rand.Text()}
	made := decode[struct {
		OK   bool `json:"ok"`
		User user `json:"user"`
	}](t, send(t, request{method: "POST", path: "/v1/auth/register", as: admin(t).token,
		body: object{"email": freshEmail(), "password": p.password}}).is(t, 201))
	if !made.OK {
		t.Fatal("registered, but not ok")
	}
	p.user = made.User
	return p
}

// member makes a user, alone with their lists, and logs in.
func member(t testing.TB) person {
	t.Helper()
	p := register(t)
	p.token = logIn(t, p.Email, p.password).Token
	return p
}

// freshEmail is an address under which cleanUp finds a user again.
func freshEmail() string {
	return fmt.Sprintf("verify-%s-%s@example.com", runName, strings.ToLower(rand.Text()))
}

// A key as the API shows it; Key is whole only in the answer that made it.
type key struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Label       string            `json:"label"`
	Key         string            `json:"key"`
	Type        string            `json:"type"`
	ProjectID   string            `json:"project_id"`
	Scopes      []string          `json:"scopes"`
	Permissions []string          `json:"permissions"`
	Status      string            `json:"status"`
	CreatedAt   time.Time         `json:"created_at"`
	CreatedAt2  time.Time         `json:"createdAt"`
	ExpiresAt   *time.Time        `json:"expires_at"`
	RevokedAt   *time.Time        `json:"revoked_at"`
	Metadata    map[string]string `json:"metadata"`
}

// newKey makes a key with the fields given and a name, if they have none.
func newKey(t testing.TB, as string, fields object) key {
	t.Helper()
	body := object{"name": t.Name()}
	for name, value := range fields {
		body[name] = value
	}
	return decode[key](t, post(t, as, "/v1/api-keys", body).is(t, 201))
}

func revoke(t testing.TB, as, id string) key {
	t.Helper()
	return decode[key](t, send(t, request{method: "PUT", path: "/api/v1/auth/api-keys/" + id + "/revoke", as: as}).is(t, 200))
}

// The form of a key (docs/dialects.md): 16 characters of id, 30 of secret, 6 of checksum.
const (
	tailLen     = 16 + 30 + 6
	checksumLen = 6
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

func secretOf(full string) string { return full[len(full)-36 : len(full)-checksumLen] }

// withSecret is a key with other characters in the place of its secret, and the
// checksum that goes with them.
func withSecret(full, secret string) string { return withChecksum(full[:len(full)-36] + secret) }

// withID is a key with another id, and the checksum that goes with it.
func withID(full, id string) string {
	return withChecksum(full[:len(full)-tailLen] + id + secretOf(full))
}

func withChecksum(body string) string {
	n := crc32.ChecksumIEEE([]byte(body))
	sum := make([]byte, checksumLen)
	for i := range sum {
		sum[checksumLen-1-i] = base62[n%62]
		n /= 62
	}
	return body + string(sum)
}
