//go:build e2e

package e2e

import (
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

// Hashes of one password, by Python's bcrypt, Django and argon2-cffi.
var hashesOfOthers = map[string]string{
	"bcrypt": "$2b$06$V.YRs5h0DTLh/8ukNWpc6ucwWOcApcCM1mSAOSckOG0MR9rU52unq",
	"pbkdf2": "pbkdf2_sha256$2000$a94tGaz2edGRDXj56bmRJm$lXzgI13WK0wrSEqcULXPLTqswZqkEceCUcZMCsRQKk4=",
	"argon2": "$argon2id$v=19$m=1024,t=2,p=4$gRlHmjcfN6n86JfD21GKmQ$cSvcYk1FXbMxLeUDFVxW4AUV1awI834Vc0l9yeSRN4M",
}

func TestImportedUsersLogInWithTheirOldPasswords(t *testing.T) {
	const password = "correct horse battery staple"
	var lines []object
	var emails []string
	for _, hash := range hashesOfOthers {
		email := freshEmail()
		emails = append(emails, email)
		lines = append(lines, object{"email": email, "password_hash": hash})
	}
	made := importLines(t, admin(t).token, "/v1/users/import", append(lines, object{"email": freshEmail(), "password_hash": password})...)
	expect.Same(t, "created", made.Created, len(lines))
	expect.Same(t, "refused", made.Refused, 1)
	expect.Same(t, "imported again", importLines(t, admin(t).token, "/v1/users/import", lines...).Exists, len(lines))
	for i, email := range emails {
		post(t, "", "/v1/auth/login", object{"email": email, "password": password + "x"}).refused(t, 401, "INVALID_CREDENTIALS")
		for range 2 { // against the old hash, and against ours
			in := logIn(t, email, password)
			expect.Same(t, "id", in.User.ID, made.Results[i].ID)
			expect.Same(t, "role", in.User.Role, "member")
		}
		post(t, "", "/v1/auth/login", object{"email": email, "password": password + "x"}).refused(t, 401, "INVALID_CREDENTIALS")
	}
}

func TestMembersImportNoUsers(t *testing.T) {
	line := object{"email": freshEmail(), "password_hash": hashesOfOthers["bcrypt"], "role": "admin"}
	for _, credential := range []string{owner(t).token, newKey(t, admin(t).token, object{"scopes": []string{"admin"}}).Key} {
		if a := send(t, request{method: "POST", path: "/v1/users/import", as: credential, body: line}); a.problem(t).Status != 403 {
			t.Errorf("%s", a.body)
		}
	}
}
