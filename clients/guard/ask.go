package guard

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

const longestAnswer = 1 << 20

// A question is the body of POST /v1/keys/verify.
type question struct {
	Key     string   `json:"key"`
	Method  string   `json:"method"`
	Path    string   `json:"path,omitempty"`
	Scopes  []string `json:"scopes,omitempty"`
	Address string   `json:"address,omitempty"`
	API     string   `json:"api,omitempty"`
}

// An answer is the body of its answer.
type answer struct {
	Valid      *bool             `json:"valid"`
	Code       string            `json:"code"`
	KeyID      string            `json:"key_id"`
	Label      string            `json:"label"`
	Type       string            `json:"type"`
	OwnerID    string            `json:"owner_id"`
	ProjectID  string            `json:"project_id"`
	CustomerID string            `json:"customer_id"`
	Scopes     []string          `json:"scopes"`
	Metadata   map[string]string `json:"metadata"`
	ExpiresAt  time.Time         `json:"expires_at"`
	Limit      struct {
		Reset      int64 `json:"reset"`
		RetryAfter int64 `json:"retry_after"`
	} `json:"limit"`
	Headers map[string]string `json:"headers"`
	Problem *refusal          `json:"problem"`
}

// ask asks Latchkey once. An error means that nobody knows whether the key is good.
func (g *Guard) ask(ctx context.Context, q question) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, g.config.Timeout)
	defer cancel()
	body, err := json.Marshal(q)
	if err != nil {
		return answer{}, failed("the question cannot be written: %v", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.verify, bytes.NewReader(body))
	if err != nil {
		return answer{}, failed("the question cannot be sent: %v", err)
	}
	r.Header.Set("X-Api-Key", g.config.Key)
	if isToken(g.config.Key) {
		r.Header.Del("X-Api-Key")
		r.Header.Set("Authorization", "Bearer "+g.config.Key)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := g.client.Do(r) //nolint:gosec // who configures the guard names the deployment
	if err != nil {
		return answer{}, failed("no answer: %v", err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, longestAnswer))
	if err != nil {
		return answer{}, failed("the answer ended early: %v", err)
	}
	return read(res, text)
}

// read takes nothing for a good key that is not said to be one.
func read(res *http.Response, text []byte) (answer, error) {
	if res.StatusCode != http.StatusOK {
		return answer{}, refusedItself(res, text)
	}
	var a answer
	switch err := json.Unmarshal(text, &a); {
	case err != nil:
		return answer{}, failed("the answer is not what Latchkey answers: %v", err)
	case a.Valid == nil || a.Headers == nil || *a.Valid != (a.Code == "VALID") || *a.Valid == (a.Problem != nil),
		*a.Valid && (a.KeyID == "" || a.ProjectID == ""),
		!*a.Valid && (a.Problem.Status < 400 || a.Problem.Status > 599 || a.Problem.Code != a.Code):
		return answer{}, failed("the answer is not what Latchkey answers; is the deployment older than this package?")
	}
	return a, nil
}

// refusedItself tells why this server was not answered: its own key is wrong, or sends too much, or Latchkey cannot.
func refusedItself(res *http.Response, text []byte) error {
	var p struct {
		Code   string `json:"error_code"`
		Fields []struct {
			Field   string `json:"field"`
			Message string `json:"message"`
		} `json:"fields"`
	}
	_ = json.Unmarshal(text, &p) // without one, the status tells enough
	f := &failure{why: "Latchkey answers this server with " + strconv.Itoa(res.StatusCode) + " " + strconv.Quote(p.Code)}
	for _, wrong := range p.Fields { // as a scope that does not exist
		f.why += ", " + strconv.Quote(wrong.Field+" "+wrong.Message)
	}
	if after, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && after > 0 {
		f.retryAfter = strconv.Itoa(after)
	}
	return f
}

func (a answer) refusal() *refusal {
	if a.Valid != nil && *a.Valid {
		return nil
	}
	return a.Problem
}

func (a answer) caller() Caller {
	return Caller{a.KeyID, a.Label, a.Type, a.OwnerID, a.ProjectID, a.CustomerID, a.Scopes, a.Metadata, a.ExpiresAt}
}

// isToken reports whether a credential is a token that was made from a key: a key has no dots.
func isToken(credential string) bool { return bytes.Count([]byte(credential), []byte(".")) == 2 }
