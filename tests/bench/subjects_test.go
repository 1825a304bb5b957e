package bench

import (
	"encoding/json"
	"maps"
	"net/url"
	"testing"
)

// A subject is a program that is measured with these variables and these events.
type subject struct {
	name      string
	program   string // the bootstrap's folder among the built ones
	variables map[string]string
	event     func(previous []byte) []byte // previous is the last answer, nil at first
	against   string                       // the subject that its CPU and its times are divided by, or ""
	most      targets
}

// targets are the ratios that a subject shall not exceed; 0 for none.
type targets struct{ cold, warm, cpu float64 }

func subjects(t testing.TB, w *world) []subject {
	key, jwt := "Bearer "+w.fullKey, "Bearer "+w.sessionIn
	limited := map[string]string{"RATE_LIMIT_READ": "1000000000"}
	own := map[string]string{"MODE": "function", "GUARDS": "latchkey"}
	same := func(event []byte) func([]byte) []byte { return func([]byte) []byte { return event } }
	form := url.Values{"client_id": {w.key.ID}, "client_secret": {w.fullKey}}
	tokenForm := with(form, "grant_type", "client_credentials").Encode()
	all := []subject{
		{"floor", "floor", nil, same([]byte("{}")), "", targets{}},
		{"bare key", "bare", map[string]string{"PEPPER": pepper(t)}, same(authorize(t, key)), "", targets{}},
		{"bare key, limited", "bare", map[string]string{"PEPPER": pepper(t), "LIMITED": "1"}, same(authorize(t, key)), "", targets{}},
		{"key", "authorizer", own, same(authorize(t, key)), "bare key", targets{1.35, 1.05, 1.1}},
		{"key, limited", "authorizer", merged(own, limited), same(authorize(t, key)), "bare key, limited", targets{1.35, 1.25, 1.3}},
		{"token", "authorizer", own, same(authorize(t, jwt)), "bare key", targets{1.3, 1.05, 1.35}},
		{"token, limited", "authorizer", merged(own, limited), same(authorize(t, jwt)), "bare key, limited", targets{1.3, 1.25, 1.35}},
		{"POST /oauth/token", "oauth-token", nil, same(request(t, "POST", "/oauth/token", tokenForm, nil)), "bare key", targets{cpu: 1.9}},
		{"POST /oauth/introspect", "oauth-introspect", nil,
			same(request(t, "POST", "/oauth/introspect", with(form, "token", w.fullKey).Encode(), nil)), "bare key", targets{cpu: 1.5}},
		{"POST /api/auth/refresh", "tokens-refresh", nil, w.refreshing(t), "bare key", targets{cpu: 1.6}},
		{"POST /v1/api-keys", "api-keys-create", nil,
			same(request(t, "POST", "/v1/api-keys", `{"label":"bench","scopes":["read:stats"]}`, w.principal())), "bare key", targets{cpu: 1.6}},
		{"GET …/events/stream", "runs-events-poll", nil, same(request(t, "GET", "/v1/runs/{id}/events/stream", "", w.principal())), "bare key", targets{cpu: 1.5}},
	}
	for i := range all {
		all[i].variables = merged(w.variables, all[i].variables)
	}
	for _, language := range []string{"node", "python"} {
		all = append(all, subject{"key, in " + language, language, merged(w.variables, map[string]string{"PEPPER": pepper(t)}), same(authorize(t, key)), "bare key", targets{}})
	}
	return all
}

func pepper(t testing.TB) string {
	value, _ := parsed(t).Version("1")
	return string(value)
}

// authorize makes the event of a REST API's REQUEST authorizer.
func authorize(t testing.TB, authorization string) []byte {
	headers := map[string]string{
		"Accept": "application/json", "Authorization": authorization, "Host": "api.example.com", "User-Agent": "bench/1.0",
		"X-Amzn-Trace-Id": "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e", "X-Forwarded-For": "192.0.2.7", "X-Forwarded-Port": "443", "X-Forwarded-Proto": "https",
	}
	return encode(t, map[string]any{
		"type": "REQUEST", "methodArn": "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/v1/auth/me",
		"resource": "/v1/auth/me", "path": "/v1/auth/me", "httpMethod": "GET", "headers": headers, "multiValueHeaders": lists(headers),
		"queryStringParameters": nil, "multiValueQueryStringParameters": nil, "pathParameters": nil, "stageVariables": nil,
		"requestContext": map[string]any{
			"resourceId": "abc123", "resourcePath": "/v1/auth/me", "httpMethod": "GET", "path": "/prod/v1/auth/me", "accountId": "123456789012",
			"stage": "prod", "apiId": "abcdef1234", "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "protocol": "HTTP/1.1",
			"identity": map[string]any{"sourceIp": "192.0.2.7", "userAgent": "bench/1.0"},
		},
	})
}

// request makes the event of a REST API's proxy integration. principal is the authorizer's context.
func request(t testing.TB, method, resource, body string, principal map[string]any) []byte {
	contentType := "application/json"
	if principal == nil {
		contentType = "application/x-www-form-urlencoded"
	}
	if len(body) > 0 && body[0] == '{' {
		contentType = "application/json"
	}
	headers := map[string]string{
		"Accept": "application/json", "Content-Type": contentType, "Host": "api.example.com", "User-Agent": "bench/1.0", "X-Forwarded-Proto": "https",
	}
	id, _ := principal["run"].(string)
	return encode(t, map[string]any{
		"resource": resource, "path": resource, "httpMethod": method, "headers": headers, "multiValueHeaders": lists(headers),
		"pathParameters": map[string]string{"id": id}, "body": body,
		"requestContext": map[string]any{
			"stage": "prod", "apiId": "abcdef1234", "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "path": "/prod" + resource, "httpMethod": method,
			"identity": map[string]any{"sourceIp": "192.0.2.7", "userAgent": "bench/1.0"}, "authorizer": principal,
		},
	})
}

// principal returns the authorizer's context for the session's user.
func (w *world) principal() map[string]any {
	return map[string]any{
		"type": "user", "principal": w.session.UserID, "user_id": w.session.UserID, "email": w.session.Email, "role": w.session.Role,
		"session_id": w.session.ID, "scopes": "read:events write:events read:stats", "expires_at": "4102444800", "run": w.run.ID,
	}
}

// refreshing exchanges the refresh token of the last answer.
func (w *world) refreshing(t testing.TB) func([]byte) []byte {
	return func(previous []byte) []byte {
		var answer struct{ Body string }
		var pair struct {
			Refresh string `json:"refresh_token"`
		}
		if previous != nil {
			must(t, json.Unmarshal(previous, &answer))
			must(t, json.Unmarshal([]byte(answer.Body), &pair))
			w.refresh = pair.Refresh
		}
		return request(t, "POST", "/api/auth/refresh", `{"refresh_token":"`+w.refresh+`"}`, nil)
	}
}

func merged(parts ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

func with(form url.Values, name, value string) url.Values {
	all := url.Values{name: {value}}
	maps.Copy(all, form)
	return all
}

func lists(values map[string]string) map[string][]string {
	all := map[string][]string{}
	for name, value := range values {
		all[name] = []string{value}
	}
	return all
}

func encode(t testing.TB, event any) []byte {
	t.Helper()
	text, err := json.Marshal(event)
	must(t, err)
	return text
}
