//go:build e2e

package aws

import (
	"net/http"
	"net/url"
	"os"
	"testing"
)

func TestRow11PathHasTheBasePathAndTheResourceHasNot(t *testing.T) {
	r := request{method: http.MethodGet, url: os.Getenv("AWS_ENDPOINT_URL") + "/shop/open/7", host: "probe.example.test"}
	send(t, r).is(t, 200).event(t).at(t, "/shop/open/7", "/shop/open/7", "/open/{id}")
}

func TestRow11AuthorizerSeesTheBasePath(t *testing.T) {
	r := request{method: http.MethodGet, url: os.Getenv("AWS_ENDPOINT_URL") + "/shop/guarded", host: "probe.example.test"}
	send(t, r).is(t, 200).event(t).authorizers(t).at(t, "/shop/guarded", "/shop/guarded", "/guarded")
}

func TestRow11PathOfTheRequestHasTheStage(t *testing.T) {
	address, err := url.Parse(probe.URL)
	if err != nil {
		t.Fatal(err)
	}
	send(t, get("/open/7")).is(t, 200).event(t).at(t, "/open/7", address.Path+"/open/7", "/open/{id}")
}

// at checks the three paths of an event.
func (e event) at(t testing.TB, path, requestPath, resource string) {
	t.Helper()
	for _, one := range []struct{ name, got, want string }{
		{"path", e.Path, path}, {"requestContext.path", e.RequestContext.Path, requestPath}, {"resource", e.Resource, resource},
	} {
		if one.got != one.want {
			t.Errorf("%s is %q, want %q", one.name, one.got, one.want)
		}
	}
}
