// Package leak reads reports of credentials that a scanner found in public, in the form of GitHub's
// secret scanning partner programme.
//
//	report ─► Keys.Verify ─► Parse ─► each Match ─► Verdict
//
// Source: GitHub Docs, "Secret scanning partner program".
package leak

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/latchkey/latchkey/shared/problem"
)

const maxMatches = 1000

// A Match is a text that looks like a credential, and where it was found.
type Match struct {
	Token  string `json:"token"`
	Type   string `json:"type"`
	URL    string `json:"url"`
	Source string `json:"source"`
}

// Parse reads a report. A report from the scanner may have members that we do not know.
func Parse(body []byte) ([]Match, error) {
	if !json.Valid(body) {
		return nil, problem.InvalidJSON
	}
	var matches []Match
	if err := json.Unmarshal(body, &matches); err != nil || len(matches) > maxMatches {
		return nil, problem.Validation(problem.Field{Message: "the body must be an array of at most 1,000 objects with the texts token, type, url and source"})
	}
	return matches, nil
}

// Place returns where the match was found, for a log: without the token, and no longer than a line.
func (m Match) Place() map[string]string {
	place := map[string]string{"reason": "leaked"}
	for name, value := range map[string]string{"url": m.URL, "source": m.Source} {
		if value != "" && !strings.Contains(value, m.Token) {
			place[name] = strings.ToValidUTF8(value[:min(len(value), 500)], "")
		}
	}
	return place
}

// A Verdict tells the scanner whether a match was a credential. It has the token's hash only.
type Verdict struct {
	Hash  string `json:"token_hash"`
	Type  string `json:"token_type"`
	Label string `json:"label"`
}

// Verdict returns the verdict on a match.
func (m Match) Verdict(genuine bool) Verdict {
	hash := sha256.Sum256([]byte(m.Token))
	label := "false_positive"
	if genuine {
		label = "true_positive"
	}
	return Verdict{hex.EncodeToString(hash[:]), m.Type, label}
}
