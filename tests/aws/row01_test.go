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

// answering is an order to a function: to answer so.
func answering(status int, header map[string]string) map[string]any {
	return map[string]any{"do": "answer", "answer": map[string]any{"statusCode": status, "headers": header, "body": "as told"}}
}
