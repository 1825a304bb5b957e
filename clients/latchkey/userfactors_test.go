//go:build e2e

package main_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/latchkey/latchkey/tests/expect"
)

func TestAnAdministratorRemovesTheFactorsOfAUserByCommand(t *testing.T) {
	admin := signedIn(t)
	email, password := strings.ToLower(rand.Text())+"@example.com", rand.Text()
	account := fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
	if status, made := api(t, "POST", "/v1/auth/register", asAdministrator(t), account); status != 201 {
		t.Fatalf("register: %d %v", status, made)
	}
	_, body := api(t, "POST", "/v1/auth/login", "", account)
	token := body["token"].(string)
	api(t, "POST", "/v1/auth/factors/proof", token, fmt.Sprintf(`{"password":%q}`, password))
	_, begun := api(t, "POST", "/v1/auth/factors", token, `{"type":"totp"}`)
	code, err := totp.GenerateCode(begun["secret"].(string), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	status, _ := api(t, "POST", "/v1/auth/factors/"+begun["id"].(string)+"/confirm", token, fmt.Sprintf(`{"code":%q}`, code))
	expect.Same(t, "the confirmation: status", status, 200)
	newHome(t).run(t, password, "login", "--email", email, "--password-stdin").is(t, 2) // it asks for a code

	admin.run(t, "", "users", "remove-factors", "nobody-"+email, "--proof-stdin").is(t, 4)
	admin.run(t, "wrong", "users", "remove-factors", email, "--proof-stdin").is(t, 2)
	admin.run(t, os.Getenv("ADMIN_PASSWORD"), "users", "remove-factors", email, "--proof-stdin").is(t, 0)
	newHome(t).run(t, password, "login", "--email", email, "--password-stdin").is(t, 0)
	admin.run(t, "", "users", "delete", email, "--yes").is(t, 0)
}
