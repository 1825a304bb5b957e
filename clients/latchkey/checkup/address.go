package checkup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/scope"
)

const (
	patience  = 15 * time.Second
	maxAnswer = 1 << 20
)

// An answer is what the deployment answered, and the time here when it did.
type answer struct {
	status int
	header http.Header
	body   []byte
	at     time.Time     // about when the Date of the answer was written
	within time.Duration // how exact that is
}

// ask sends a request without a credential, which changes nothing.
func (d *deployment) ask(ctx context.Context, method, path string, header map[string]string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, d.url+path, nil)
	if err != nil {
		return answer{}, err
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	began := time.Now()
	res, err := d.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	took := time.Since(began)
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return answer{res.StatusCode, res.Header, body, began.Add(took / 2), took / 2}, errors.Join(err, res.Body.Close())
}

// document asks for a JSON document. What is not one is an error.
func (d *deployment) document(ctx context.Context, path string, into any) error {
	a, err := d.ask(ctx, "GET", path, nil)
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return fmt.Errorf("GET %s is answered with %d", path, a.status)
	}
	if json.Unmarshal(a.body, into) != nil {
		return fmt.Errorf("GET %s is not answered with JSON", path)
	}
	return nil
}

func checkAddress(ctx context.Context, d *deployment, s *sheet) error {
	a, err := d.ask(ctx, "GET", "/health", nil)
	switch {
	case err != nil:
		s.add(Finding{Severity: Broken, What: d.url + " does not answer: " + reasonOf(err), Why: "Nobody reaches the deployment there.",
			Do: "See that the name leads to the API and that its certificate is good, or name the address with --url."})
	case a.status != http.StatusOK:
		s.add(Finding{Severity: Broken, What: fmt.Sprintf("%s/health is answered with %d", d.url, a.status), Why: "Either nothing of Latchkey is there, or its functions do not run.",
			Do: "See that the address includes the stage or the base path, then look for `cannot start` in the functions' log group."})
	}
	return nil
}

func checkCatalogue(ctx context.Context, d *deployment, s *sheet) error {
	var metadata struct {
		Scopes []string `json:"scopes_supported"`
	}
	if err := d.document(ctx, "/.well-known/oauth-authorization-server", &metadata); err != nil {
		return err
	}
	if !slices.Contains(metadata.Scopes, scope.Admin) {
		s.add(Finding{Severity: Broken, What: "the deployment's catalogue has no scope admin", Why: "Nobody can be given what no other scope opens.", Do: "Put it back into the catalogue."})
	}
	return nil
}

func checkRefusals(ctx context.Context, d *deployment, s *sheet) error {
	for _, row := range []struct {
		path, code string
		status     int
	}{
		{"/v1/auth/me", "MISSING_CREDENTIALS", 401},
		{"/there-is-no-such-path", "RESOURCE_NOT_FOUND", 404},
	} {
		a, err := d.ask(ctx, "GET", row.path, nil)
		if err != nil {
			return err
		}
		var body struct {
			Code string `json:"error_code"`
		}
		_ = json.Unmarshal(a.body, &body) // a body that is no JSON has no code
		if a.status == row.status && body.Code == row.code {
			continue
		}
		s.add(Finding{Severity: Broken, What: fmt.Sprintf("GET %s without a credential is answered with %d %s, not %d %s", row.path, a.status, body.Code, row.status, row.code),
			Why: "The authorizer does not run, or a refusal is not worded as clients expect it.",
			Do:  "See the other findings first; then look for `cannot start` in the functions' log group."})
	}
	return nil
}

func checkOrigins(ctx context.Context, d *deployment, s *sheet) error {
	for origin := range strings.SplitSeq(d.stack.parameters["AllowedOrigins"], ",") {
		if origin == "" {
			continue
		}
		sent := origin
		if sent == "*" {
			sent = "https://example.com"
		}
		a, err := d.ask(ctx, "OPTIONS", "/v1/auth/me", map[string]string{"Origin": sent, "Access-Control-Request-Method": "GET"})
		if err != nil {
			return err
		}
		if allowed := a.header.Get("Access-Control-Allow-Origin"); allowed != sent && allowed != "*" {
			s.add(Finding{Severity: Broken, What: "a page of " + sent + " is not allowed to call the API, though AllowedOrigins names it", Why: "Browsers refuse its requests.",
				Do: "Look for a proxy before the API that answers OPTIONS itself, then deploy again."})
		}
	}
	return nil
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
