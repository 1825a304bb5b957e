//go:build e2e

package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/latchkey/latchkey/tests/expect"
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
	if answer, failed := invoke(t, bootstrapFunction, object{"email": email, "reset_password": true}); !failed {
		t.Errorf("not refused: %s", answer)
	}
	expect.Same(t, "created later", bootstrap(t, object{"email": email}).Created, true)
}

func TestBootstrapRefusesWhatIsNoEmail(t *testing.T) {
	needs(t, theLambda)
	for _, email := range []any{"", "nobody", "a b@example.com", 7, nil} {
		if _, failed := invoke(t, bootstrapFunction, object{"email": email}); !failed {
			t.Errorf("%v: not refused", email)
		}
	}
}

func bootstrap(t testing.TB, payload object) bootstrapped {
	t.Helper()
	answer, failed := invoke(t, bootstrapFunction, payload)
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

// invoke calls a function, known by its name in template.yaml, by Lambda's own API.
func invoke(t testing.TB, function string, payload object) (answer []byte, failed bool) {
	t.Helper()
	needs(t, theLambda)
	name := regexp.MustCompile(`"FunctionName": ?"([^"]*-` + function + `-[^"]*)"`).FindSubmatch(functions(t))
	if name == nil {
		t.Fatalf("no function is called %s", function)
	}
	text, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	answer, header := callLambda(t, http.MethodPost, string(name[1])+"/invocations", text)
	return answer, header.Get("X-Amz-Function-Error") != ""
}

// functions returns all pages of Lambda's list.
func functions(t testing.TB) (list []byte) {
	t.Helper()
	for marker := ""; ; {
		page, _ := callLambda(t, http.MethodGet, "?Marker="+url.QueryEscape(marker), nil)
		list = append(list, page...)
		var next struct{ NextMarker string }
		if err := json.Unmarshal(page, &next); err != nil {
			t.Fatal(err)
		}
		if marker = next.NextMarker; marker == "" {
			return list
		}
	}
}

// callLambda signs and sends a call of Lambda's API, below /functions/. It must be answered with 200.
func callLambda(t testing.TB, method, path string, body []byte) ([]byte, http.Header) {
	t.Helper()
	cfg := awsConfig(t)
	req, err := http.NewRequestWithContext(t.Context(), method, os.Getenv("AWS_ENDPOINT_URL")+"/2015-03-31/functions/"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hash := fmt.Sprintf("%x", sha256.Sum256(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, req, hash, "lambda", cfg.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("Lambda: %d, %v", res.StatusCode, err)
	}
	return answer, res.Header
}
