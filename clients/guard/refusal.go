package guard

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
)

// A refusal is the body of an answer, as RFC 9457 has it, and its headers.
type refusal struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Code   string `json:"error_code"`
	ID     string `json:"request_id"`

	header map[string]string
}

func (p *refusal) write(w http.ResponseWriter) {
	for name, value := range p.header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	if body, err := json.Marshal(p); err == nil { // it is only text and a number
		_, _ = w.Write(body) // whoever went away needs no answer
	}
}

func refuse(status int, code, detail string, header map[string]string) *refusal {
	return &refusal{"about:blank", http.StatusText(status), status, detail, code, rand.Text(), header}
}

func unauthorized(code, detail, why string) *refusal {
	challenge := `Bearer realm="latchkey"`
	if why != "" {
		challenge += `, error="invalid_token", error_description="` + why + `"`
	}
	return refuse(401, code, detail, map[string]string{"WWW-Authenticate": challenge})
}

func missingCredentials() *refusal {
	return unauthorized("MISSING_CREDENTIALS", "Send an API key", "")
}

func invalidToken(detail string) *refusal {
	return unauthorized("TOKEN_INVALID", detail, "The token is not valid")
}

func invalidKey() *refusal {
	return unauthorized("API_KEY_INVALID", "API key is not valid", "The API key is not valid")
}

func multipleCredentials() *refusal {
	return refuse(400, "MULTIPLE_CREDENTIALS", "The request carries more than one credential; send one", nil)
}

func forbidden(detail string) *refusal { return refuse(403, "FORBIDDEN", detail, nil) }

func unavailable(err error) *refusal {
	after := "1"
	if f := (*failure)(nil); errors.As(err, &f) && f.retryAfter != "" {
		after = f.retryAfter
	}
	return refuse(503, "SERVICE_UNAVAILABLE", "", map[string]string{"Retry-After": after})
}
