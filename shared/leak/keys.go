package leak

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// ErrUnsigned is returned for a report that the scanner did not sign.
var ErrUnsigned = errors.New("the report is not signed by the scanner")

const (
	maxAge   = time.Hour      // of the keys, before they are read again
	lastAge  = 24 * time.Hour // for which they are good while they cannot be read
	pause    = time.Minute    // between two reads, whatever asks for them
	timeout  = 3 * time.Second
	maxKeys  = 64 << 10 // bytes
	maxBytes = 200      // of a signature's text
)

// Keys are the scanner's public keys. They are read from its address when they are needed, and kept.
type Keys struct {
	url    string
	client *http.Client
	now    func() time.Time

	mu      sync.Mutex
	keys    map[string]*ecdsa.PublicKey
	readAt  time.Time
	triedAt time.Time
	failed  error // why the last read did not succeed; nil if it did
}

// NewKeys makes Keys. It makes no call. url is the deployment's own choice, and no redirect is followed.
func NewKeys(url string, now func() time.Time) *Keys {
	return &Keys{url: url, now: now, client: &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Verify checks a signature of ECDSA-NIST-P256V1-SHA256, in base64, of the body by the key with that
// id. It returns ErrUnsigned; any other error means that the keys cannot be read, which tells nothing
// about the report. An invented id causes one read a minute.
func (k *Keys) Verify(ctx context.Context, id, signature string, body []byte) error {
	raw, err := base64.StdEncoding.Strict().DecodeString(signature[:min(len(signature), maxBytes)])
	if err != nil || id == "" || len(raw) == 0 {
		return ErrUnsigned
	}
	key, err := k.find(ctx, id)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(body)
	if !ecdsa.VerifyASN1(key, digest[:], raw) {
		return ErrUnsigned
	}
	return nil
}

func (k *Keys) find(ctx context.Context, id string) (*ecdsa.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := k.now(); (k.keys[id] == nil || now.Sub(k.readAt) >= maxAge) && now.Sub(k.triedAt) >= pause {
		k.triedAt = now
		if k.failed = k.read(ctx); k.failed == nil {
			k.readAt = now
		}
	}
	if k.now().Sub(k.readAt) >= lastAge {
		return nil, k.failed
	}
	if key := k.keys[id]; key != nil {
		return key, nil
	}
	if k.failed != nil { // it may be a new one
		return nil, k.failed
	}
	return nil, ErrUnsigned
}

func (k *Keys) read(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "latchkey") // GitHub refuses requests without one
	res, err := k.client.Do(r)
	if err != nil {
		return fmt.Errorf("reading the scanner's keys: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxKeys))
	if err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("reading the scanner's keys: status %d: %w", res.StatusCode, err)
	}
	keys, err := parse(text)
	if err == nil {
		k.keys = keys
	}
	return err
}

// parse reads GitHub's form of a list of keys, and passes over those of another algorithm.
func parse(text []byte) (map[string]*ecdsa.PublicKey, error) {
	var list struct {
		Keys []struct {
			ID  string `json:"key_identifier"`
			PEM string `json:"key"`
		} `json:"public_keys"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("reading the scanner's keys: %w", err)
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, one := range list.Keys {
		block, _ := pem.Decode([]byte(one.PEM))
		if block == nil {
			continue
		}
		found, err := x509.ParsePKIXPublicKey(block.Bytes)
		if key, ok := found.(*ecdsa.PublicKey); err == nil && ok && key.Curve == elliptic.P256() {
			keys[one.ID] = key
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("reading the scanner's keys: there are none")
	}
	return keys, nil
}
