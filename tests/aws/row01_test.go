//go:build e2e

package aws

import "testing"

func TestRow01ChallengeOfAFunctionIsRenamed(t *testing.T) {
	a := send(t, get("/open").told(answering(401, map[string]string{"WWW-Authenticate": "Bearer", "Retry-After": "7"})))
	a.is(t, 401).has(t, "WWW-Authenticate", "").has(t, "X-Amzn-Remapped-Www-Authenticate", "Bearer").has(t, "Retry-After", "7")
}

func TestRow01HeadersOfAFunctionAreRenamedOrDropped(t *testing.T) {
	a := send(t, get("/open").told(answering(200, map[string]string{
		"Server": "mine", "Authorization": "a", "User-Agent": "u", "Content-MD5": "m", "Max-Forwards": "3", "Date": "never",
		"Via": "v", "Trailer": "t", "Upgrade": "u", "Proxy-Authenticate": "p", "TE": "te", "Host": "h",
	}))).is(t, 200)
	for _, name := range []string{"Server", "Authorization", "User-Agent", "Content-MD5", "Max-Forwards", "Date"} {
		if a.header.Get("X-Amzn-Remapped-"+name) == "" {
			t.Errorf("%s was not renamed", name)
		}
	}
	for _, name := range []string{"Via", "Trailer", "Upgrade", "Proxy-Authenticate", "Te", "Host"} {
		a.has(t, name, "").has(t, "X-Amzn-Remapped-"+name, "")
	}
}

func TestRow01HeadersOfARequestArriveAsTheyWereWrittenOrNotAtAll(t *testing.T) {
	r := get("/guarded?n=1&n=2")
	for _, name := range []string{"X-Mine", "WWW-Authenticate", "Max-Forwards", "Content-MD5", "Proxy-Authenticate", "Trailer"} {
		r = r.with(name, "a")
	}
	a := send(t, r).is(t, 200)
	for who, e := range map[string]event{"function": a.event(t), "authorizer": a.event(t).authorizers(t)} {
		a.has(t, "X-Amzn-Requestid", e.RequestContext.RequestID)
		if e.Headers["X-Mine"] != "a" {
			t.Errorf("the %s sees no X-Mine of that case: %v", who, e.Headers)
		}
		if e.QueryStringParameters["n"] != "2" {
			t.Errorf("the %s sees the value %q of a repeated parameter, not the last", who, e.QueryStringParameters["n"])
		}
		for _, name := range []string{"Www-Authenticate", "Max-Forwards", "Content-Md5", "Proxy-Authenticate", "Trailer", "Content-Length"} {
			if _, found := e.Headers[name]; found {
				t.Errorf("the %s sees %s", who, name)
			}
		}
	}
}

// answering is an order to a function: to answer so.
func answering(status int, header map[string]string) map[string]any {
	return map[string]any{"do": "answer", "answer": map[string]any{"statusCode": status, "headers": header, "body": "as told"}}
}
