//go:build e2e

package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Every request of this suite goes over one wire, that of a library's client too. It keeps
// each secret that it carries, so that the last test can look for them all.
var (
	wire = keeper{recorder{&http.Transport{MaxIdleConnsPerHost: 32, ResponseHeaderTimeout: 30 * time.Second}}}

	client  = &http.Client{Transport: indexed{wire}, CheckRedirect: stay}
	patient = &http.Client{Transport: indexed{patience{wire}}, CheckRedirect: stay}
)

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// patience waits out a window that other requests have used up, as Retry-After asks, but no
// longer than longestWait: a test whose deployment has longer windows wants the 429.
type patience struct{ next http.RoundTripper }

const longestWait = 120 // seconds

func (p patience) RoundTrip(req *http.Request) (*http.Response, error) {
	for tries := 1; ; tries++ {
		res, err := p.next.RoundTrip(req)
		if err != nil || res.StatusCode != http.StatusTooManyRequests || tries == 3 {
			return res, err
		}
		asked := res.Header.Get("Retry-After")
		seconds, err := strconv.Atoi(asked)
		if err != nil || seconds < 1 {
			return nil, errors.Join(fmt.Errorf("429 with Retry-After %q", asked), res.Body.Close())
		}
		if seconds > longestWait {
			return res, nil
		}
		if err := res.Body.Close(); err != nil {
			return nil, err
		}
		time.Sleep(time.Duration(seconds) * time.Second)
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// keeper keeps the secrets of requests and answers.
type keeper struct{ next http.RoundTripper }

func (k keeper) RoundTrip(req *http.Request) (*http.Response, error) {
	for _, name := range []string{"Authorization", "X-Api-Key", "x-api-key"} {
		for _, value := range req.Header[name] {
			keepCredential(value)
		}
	}
	keepSecret(req.URL.Query().Get("token"))
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return nil, err
		}
		keepFields(text)
	}
	res, err := k.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(text))
	keepFields(text)
	for _, cookie := range res.Cookies() {
		keepSecret(cookie.Value)
	}
	return res, nil
}

// keepCredential keeps what follows a header's scheme; of Basic, the password.
func keepCredential(header string) {
	scheme, text, found := strings.Cut(header, " ")
	if !found {
		text = header
	}
	if decoded, err := base64.StdEncoding.DecodeString(text); err == nil && strings.EqualFold(scheme, "Basic") {
		_, text, _ = strings.Cut(string(decoded), ":")
	}
	keepSecret(text)
}

// keepFields keeps the secrets of a body: of a JSON object, or of a form.
func keepFields(body []byte) {
	var object map[string]any
	if json.Unmarshal(body, &object) != nil {
		if form, err := url.ParseQuery(string(body)); err == nil {
			keepSecret(form.Get("client_secret"))
			keepSecret(form.Get("token"))
		}
		return
	}
	for _, name := range []string{"password", "current_password", "key", "token", "access_token", "refresh_token", "mfa_token", "secret", "recovery_code"} {
		if text, ok := object[name].(string); ok {
			keepSecret(text)
		}
	}
	if code, ok := object["code"].(string); ok {
		keepCode(code)
	}
	codes, _ := object["recovery_codes"].([]any)
	for _, code := range codes {
		if text, ok := code.(string); ok {
			keepSecret(text)
			keepSecret(strings.ReplaceAll(text, "-", "")) // as it is hashed
		}
	}
}

// secrets are all that this run made or sent, and that must stand nowhere. The codes of authenticator
// apps are apart: they are too short to be told from other text, but not from a word of their own.
var secrets struct {
	sync.Mutex
	all, codes map[string]bool
}

// shortest is as short as a secret may be to be told from other text.
const shortest = 16

// aKey is the form of an API key, whose prefix and id are public.
var aKey = regexp.MustCompile(`^[a-z][a-z0-9_]*_[0-9A-Za-z]{16}([0-9A-Za-z]{30})[0-9A-Za-z]{6}$`)

// keepSecret keeps a password, a token, or the secret part of a key. An e-mail address that
// a test sends as a password is none.
func keepSecret(text string) {
	if key := aKey.FindStringSubmatch(text); key != nil {
		text = key[1]
	}
	if len(text) < shortest || strings.Contains(text, "@") || strings.Contains(text, "•") {
		return
	}
	secrets.Lock()
	defer secrets.Unlock()
	if secrets.all == nil {
		secrets.all = map[string]bool{}
	}
	secrets.all[text] = true
}

var sixDigits = regexp.MustCompile(`(?:^|[^0-9A-Za-z.])([0-9]{6})(?:$|[^0-9A-Za-z.])`)

func keepCode(text string) {
	secrets.Lock()
	defer secrets.Unlock()
	if secrets.codes == nil {
		secrets.codes = map[string]bool{}
	}
	secrets.codes[text] = true
}

// leakedCodes are the kept codes that stand in a text as words of their own.
func leakedCodes(text string) (found []string) {
	secrets.Lock()
	defer secrets.Unlock()
	for _, word := range sixDigits.FindAllStringSubmatch(text, -1) {
		if secrets.codes[word[1]] {
			found = append(found, word[1])
		}
	}
	return found
}

// leaked are the kept secrets that stand in a text. One pass finds all: what matters of a
// text at each place is whether a secret ends there.
func leaked(text string) []string {
	secrets.Lock()
	defer secrets.Unlock()
	endings := map[string][]string{}
	for secret := range secrets.all {
		ending := secret[len(secret)-shortest:]
		endings[ending] = append(endings[ending], secret)
	}
	var found []string
	for end := shortest; end <= len(text); end++ {
		for _, secret := range endings[text[end-shortest:end]] {
			if strings.HasSuffix(text[:end], secret) {
				found = append(found, secret)
			}
		}
	}
	return found
}
