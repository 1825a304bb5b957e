package problem

import (
	"encoding/json"
	"strings"
)

// OAuthBody returns the problem in the form of RFC 6749 §5.2. A Code in lower case is one of the
// RFC's own words. For any other it uses the nearest of those words. The section has none for
// "too many requests", so it takes temporarily_unavailable from §4.1.2.1.
func (p *Problem) OAuthBody(requestID string) []byte {
	body := struct {
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
		RequestID   string `json:"request_id,omitempty"` // of a 5xx, which shows nothing else
	}{Error: p.Code, Description: p.Detail}
	switch {
	case p.Status == 429:
		body.Error = "temporarily_unavailable"
	case p.Status >= 500:
		body.Error, body.RequestID = "temporarily_unavailable", requestID
	case p.Code != strings.ToLower(p.Code):
		body.Error = "invalid_request"
	}
	text, err := json.Marshal(body)
	if err != nil {
		return []byte(`{"error":"temporarily_unavailable"}`)
	}
	return text
}
