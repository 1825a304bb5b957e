//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
)

// A journaled user is one that this suite made, or was about to make.
type journaled struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// sent counts the requests of this run.
var sent atomic.Int64

// recorder writes down each user before the request that makes them is sent, in the file
// that LATCHKEY_JOURNAL names: so whatever ends the run, what it made can be removed.
type recorder struct{ next http.RoundTripper }

func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	sent.Add(1)
	if req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/v1/auth/register") {
		if err := journal(req); err != nil {
			return nil, err
		}
	}
	return r.next.RoundTrip(req)
}

var journalOf sync.Mutex

func journal(req *http.Request) error {
	path := os.Getenv("LATCHKEY_JOURNAL")
	if path == "" || req.GetBody == nil {
		return nil
	}
	body, err := req.GetBody()
	if err != nil {
		return err
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var who journaled
	if json.Unmarshal(text, &who) != nil || !isOurs(who.Email) || who.Password == "" {
		return nil // a request that makes nobody
	}
	line, err := json.Marshal(who)
	if err != nil {
		return err
	}
	journalOf.Lock()
	defer journalOf.Unlock()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "%s\n", line)
	return errors.Join(err, file.Close())
}

func isOurs(email string) bool { return strings.HasPrefix(strings.ToLower(email), "verify-") }
