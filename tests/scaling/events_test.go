package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// authorize is the event of a REST API's authorizer.
func authorize(credential string) any {
	return map[string]any{
		"type": "REQUEST", "methodArn": "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/api/campaigns",
		"resource": "/api/campaigns", "path": "/api/campaigns", "httpMethod": "GET",
		"headers": map[string]string{"Authorization": "Bearer " + credential, "User-Agent": "curl/8.5.0"},
		"requestContext": map[string]any{
			"requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "apiId": "abcdef1234", "stage": "prod",
			"identity": map[string]any{"sourceIp": "192.0.2.7", "userAgent": "curl/8.5.0"},
		},
	}
}

// request is the event of a REST API's proxy integration, from the lab's user.
func (l *lab) request(method, resource, body string) any {
	kind := "application/json"
	if strings.HasPrefix(body, "grant_type=") {
		kind = "application/x-www-form-urlencoded"
	}
	return map[string]any{
		"resource": resource, "path": resource, "httpMethod": method, "body": body,
		"multiValueHeaders": map[string][]string{"Content-Type": {kind}, "User-Agent": {"curl/8.5.0"}},
		"headers":           map[string]string{"Content-Type": kind, "User-Agent": "curl/8.5.0"},
		"requestContext": map[string]any{
			"requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "apiId": "abcdef1234", "stage": "prod", "path": "/prod" + resource, "httpMethod": method,
			"identity": map[string]any{"sourceIp": "192.0.2.7", "userAgent": "curl/8.5.0"},
			"authorizer": map[string]any{
				"type": "user", "principal": l.user, "user_id": l.user, "email": email, "role": "member", "session_id": "ses_A",
				"scopes": "read:campaigns read:stats", "expires_at": "4102444800",
			},
		},
	}
}

// body is what a function answered to a request.
func body[T any](l *lab, answer string) T {
	l.t.Helper()
	var response struct{ Body string }
	var out T
	must(l.t, json.Unmarshal([]byte(answer), &response))
	if err := json.Unmarshal([]byte(response.Body), &out); err != nil {
		l.t.Fatalf("%v: %s", err, answer)
	}
	return out
}

// sessionToken is that of a login.
func (l *lab) sessionToken() string {
	f := start(l.t, l.bootstrap("functions/auth-login"), l.variables...)
	defer f.Kill()
	return body[struct{ Token string }](l, f.invoke(l.request("POST", "/v1/auth/login", `{"email":"`+email+`","password":"`+passphrase+`"}`))).Token
}

// clientToken is one made from the key.
func (l *lab) clientToken() string {
	f := start(l.t, l.bootstrap("functions/oauth-token"), l.variables...)
	defer f.Kill()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {l.key.ID}, "client_secret": {l.fullKey}}.Encode()
	form = "grant_type=client_credentials&" + strings.ReplaceAll(form, "&grant_type=client_credentials", "")
	return body[struct {
		Token string `json:"access_token"`
	}](l, f.invoke(l.request("POST", "/oauth/token", form))).Token
}

var (
	numberOfUse = regexp.MustCompile(`"n":\d+,`)
	timeOfUse   = regexp.MustCompile(`"at":\d+,`)
)

// deliveries are six of each kind, as CloudWatch Logs brings them to the counting function: copies of the
// line of one check.
func (l *lab) deliveries(line string) map[string][]any {
	number := 0
	hour := time.Now().Truncate(time.Hour) // they are of one hour, as an entry is
	delivery := func(uses, entries int) any {
		data := events.CloudwatchLogsData{MessageType: "DATA_MESSAGE", LogGroup: "checks", LogStream: "one"}
		for i := range uses {
			number++
			changed := numberOfUse.ReplaceAllString(line, fmt.Sprintf(`"n":%d,`, number))
			changed = timeOfUse.ReplaceAllString(changed, fmt.Sprintf(`"at":%d,`, hour.Add(time.Duration(number)*time.Second).UnixMilli()))
			changed = strings.ReplaceAll(changed, l.key.ID, fmt.Sprintf("%016d", i%entries))
			data.LogEvents = append(data.LogEvents, events.CloudwatchLogsLogEvent{ID: fmt.Sprintf("%056d", number), Message: changed})
		}
		return zipped(l.t, data)
	}
	kinds := map[string][]any{}
	for range 6 {
		for name, size := range map[string][2]int{
			"a delivery of 1 use": {1, 1}, "a delivery of 20 uses of one entry": {20, 1}, "a delivery of 20 uses of 20 keys": {20, 20},
		} {
			kinds[name] = append(kinds[name], delivery(size[0], size[1]))
		}
	}
	return kinds
}

func zipped(t testing.TB, data events.CloudwatchLogsData) any {
	t.Helper()
	text, err := json.Marshal(data)
	must(t, err)
	return events.CloudwatchLogsEvent{AWSLogs: events.CloudwatchLogsRawData{Data: base64.StdEncoding.EncodeToString(gzipped(t, text))}}
}

func gzipped(t testing.TB, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(text)
	must(t, err)
	must(t, z.Close())
	return out.Bytes()
}
