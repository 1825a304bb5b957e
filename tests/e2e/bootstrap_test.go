//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"testing"
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
	if !first.Created || first.Email != email || len(first.Password) < 20 {
		t.Fatalf("created is %t, for %s", first.Created, first.Email)
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
	if kept := bootstrap(t, object{"email": p.Email}); kept.Created || kept.Password != "" {
		t.Errorf("a member: created is %t, a password %t", kept.Created, kept.Password != "")
	}
	reset := bootstrap(t, object{"email": p.Email, "reset_password": true})
	send(t, request{method: "POST", path: "/v1/auth/login",
		body: object{"email": p.Email, "password": p.password}}).refused(t, 401, "INVALID_CREDENTIALS")
	if in := logIn(t, p.Email, reset.Password); in.User != p.user {
		t.Errorf("a reset changed the user: %+v", in.User)
	}
}

func TestBootstrapRefusesWhatIsNoEmail(t *testing.T) {
	needs(t, theLambda)
	for _, email := range []any{"", "nobody", "a b@example.com", 7, nil} {
		if _, failed := invoke(t, object{"email": email}); !failed {
			t.Errorf("%v: not refused", email)
		}
	}
}

func bootstrap(t testing.TB, payload object) bootstrapped {
	t.Helper()
	answer, failed := invoke(t, payload)
	if failed {
		t.Fatalf("the function failed: %s", answer)
	}
	var made bootstrapped
	if err := json.Unmarshal(answer, &made); err != nil {
		t.Fatal(err)
	}
	return made
}

// invoke calls the function by Lambda's own API, which an emulator takes unsigned.
func invoke(t testing.TB, payload object) (answer []byte, failed bool) {
	t.Helper()
	text, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	functions := os.Getenv("AWS_ENDPOINT_URL") + "/2015-03-31/functions/"
	list, _ := read(t)(client.Get(functions))
	name := bootstrapName.FindSubmatch(list)
	if name == nil {
		t.Fatal("no function is called AdminBootstrapFunction")
	}
	answer, header := read(t)(client.Post(functions+string(name[1])+"/invocations", "application/json", bytes.NewReader(text)))
	return answer, header.Get("X-Amz-Function-Error") != ""
}

var bootstrapName = regexp.MustCompile(`"FunctionName": ?"([^"]*AdminBootstrapFunction[^"]*)"`)

// read takes the answer of a call of Lambda's API, which must be a 200.
func read(t testing.TB) func(*http.Response, error) ([]byte, http.Header) {
	t.Helper()
	return func(res *http.Response, err error) ([]byte, http.Header) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("Lambda: %d, %v", res.StatusCode, err)
		}
		return body, res.Header
	}
}
