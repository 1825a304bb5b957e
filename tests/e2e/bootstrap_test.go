//go:build e2e

package e2e

import (
	"encoding/json"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
	"github.com/latchkey/latchkey/tests/invoke"
)

type bootstrapped struct {
	Created  bool   `json:"created"`
	Email    string `json:"email"`
	Password string `json:"password"`
}

func TestFirstAdministratorIsMadeOnceAndTheirPasswordShownOnce(t *testing.T) {
	needs(t, theLambda)
	email := freshEmail()
	first := bootstrap(t, object{"email": email})
	if !first.Created {
		t.Fatal("the first is not created")
	}
	if first.Email != email {
		t.Fatalf("the first is for %v, want %v", first.Email, email)
	}
	if len(first.Password) < 20 {
		t.Fatalf("the password has %d characters, want 20 or more", len(first.Password))
	}
	if again := bootstrap(t, object{"email": email}); again != (bootstrapped{Email: email}) {
		t.Errorf("again: created is %t, a password %t", again.Created, again.Password != "")
	}
	if in := logIn(t, email, first.Password); in.User.Role != "admin" {
		t.Errorf("the role is %s", in.User.Role)
	}
}

func TestLostPasswordIsReplacedOnlyWhenAsked(t *testing.T) {
	needs(t, theLambda)
	p := register(t)
	kept := bootstrap(t, object{"email": p.Email})
	expect.Same(t, "a member: created", kept.Created, false)
	expect.Same(t, "a member: a password is shown", kept.Password != "", false)
	reset := bootstrap(t, object{"email": p.Email, "reset_password": true})
	send(t, request{method: "POST", path: "/v1/auth/login",
		body: object{"email": p.Email, "password": p.password}}).refused(t, 401, "INVALID_CREDENTIALS")
	if in := logIn(t, p.Email, reset.Password); in.User != p.user {
		t.Errorf("a reset changed the user: %+v", in.User)
	}
}

func TestResetOfNobodysPasswordIsRefusedAndMakesNobody(t *testing.T) {
	needs(t, theLambda)
	email := freshEmail()
	if answer, failed := callFunction(t, bootstrapFunction, object{"email": email, "reset_password": true}); !failed {
		t.Errorf("not refused: %s", answer)
	}
	expect.Same(t, "created later", bootstrap(t, object{"email": email}).Created, true)
}

func TestBootstrapRefusesWhatIsNoEmail(t *testing.T) {
	needs(t, theLambda)
	for _, email := range []any{"", "nobody", "a b@example.com", 7, nil} {
		if _, failed := callFunction(t, bootstrapFunction, object{"email": email}); !failed {
			t.Errorf("%v: not refused", email)
		}
	}
}

func bootstrap(t testing.TB, payload object) bootstrapped {
	t.Helper()
	answer, failed := callFunction(t, bootstrapFunction, payload)
	if failed {
		t.Fatalf("the function failed: %s", answer)
	}
	var made bootstrapped
	if err := json.Unmarshal(answer, &made); err != nil {
		t.Fatal(err)
	}
	return made
}

const bootstrapFunction = "AdminBootstrapFunction"

// callFunction calls a function, known by its name in template.yaml.
func callFunction(t testing.TB, function string, payload object) (answer []byte, failed bool) {
	t.Helper()
	needs(t, theLambda)
	answer, failed, err := invoke.Function(t.Context(), awsConfig(t), function, payload)
	if err != nil {
		t.Fatal(err)
	}
	return answer, failed
}
