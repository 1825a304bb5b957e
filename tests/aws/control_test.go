//go:build e2e

package aws

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// An awsCall is a request to a service's own API, signed. A body that begins with
// "Action=" is a form, any other is JSON.
type awsCall struct{ service, method, path, body string }

func (c awsCall) send(t testing.TB) answer {
	t.Helper()
	return c.sendWith(t, nil)
}

// sendWith sends it with some headers more.
func (c awsCall) sendWith(t testing.TB, header map[string]string) answer {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // for what tidies up after the test
	req, err := http.NewRequestWithContext(ctx, c.method, os.Getenv("AWS_ENDPOINT_URL")+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(c.body, "Action=") {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	credentials := aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}
	digest := sha256.Sum256([]byte(c.body))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(digest[:]), c.service, os.Getenv("AWS_REGION"), time.Now()); err != nil {
		t.Fatal(err)
	}
	return do(t, req)
}

// is sends it and checks the status.
func (c awsCall) is(t testing.TB, status int) answer {
	t.Helper()
	return c.send(t).is(t, status)
}
