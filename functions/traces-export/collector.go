package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

const timeout = 10 * time.Second

// secrets is the part of Secrets Manager that the collector's address and headers come from.
type secrets interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// A target is what the secret holds: where traces go, and what shows that they may.
type target struct {
	Endpoint string            `json:"endpoint"` // https://…/v1/traces
	Headers  map[string]string `json:"headers"`
}

// A collector takes traces by OTLP over HTTP. It is the deployer's own choice, and no redirect is followed.
type collector struct {
	secrets secrets
	arn     string
	client  *http.Client

	mu    sync.Mutex
	known *target // nil: the secret is read at the next delivery
}

func newCollector(s secrets, arn string) *collector {
	return &collector{secrets: s, arn: arn, client: &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// send posts a document. Its errors hold no header, and no more of the address than its host. After one the secret is read again, because it may
// have been changed.
func (c *collector) send(ctx context.Context, doc object) error {
	to, err := c.target(ctx)
	if err != nil {
		return err
	}
	if err = c.post(ctx, to, doc); err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.known = nil
	}
	return err
}

func (c *collector) post(ctx context.Context, to *target, doc object) error {
	body, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("the spans cannot be written: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.Endpoint, bytes.NewReader(body))
	if err != nil {
		return errors.New("the endpoint in the secret is no address")
	}
	r.Header.Set("Content-Type", "application/json")
	for name, value := range to.Headers {
		r.Header.Set(name, value)
	}
	answer, err := c.client.Do(r)
	if err != nil {
		if of := (*url.Error)(nil); errors.As(err, &of) {
			err = of.Err // without the address
		}
		return fmt.Errorf("the collector cannot be reached: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("the collector answers %d", answer.StatusCode)
	}
	return nil
}

func (c *collector) target(ctx context.Context) (*target, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known != nil {
		return c.known, nil
	}
	out, err := c.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &c.arn})
	if err != nil {
		return nil, fmt.Errorf("failed to read the secret of the traces: %w", err)
	}
	var to target
	if json.Unmarshal([]byte(aws.ToString(out.SecretString)), &to) != nil { // its error would show a part of the secret
		return nil, errors.New(`the secret of the traces is not {"endpoint": "…", "headers": {…}}`)
	}
	if at, err := url.Parse(to.Endpoint); err != nil || at.Host == "" || at.Scheme != "https" && at.Hostname() != "127.0.0.1" {
		return nil, errors.New("the endpoint in the secret of the traces must begin with https://")
	}
	c.known = &to
	return c.known, nil
}
