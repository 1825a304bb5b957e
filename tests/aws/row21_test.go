//go:build e2e

package aws

import (
	"strings"
	"testing"
)

func TestRow21PathKeepsItsPercentEncoding(t *testing.T) {
	for _, id := range []string{"a%2Fb", "test%2Balias", "%41"} {
		e := send(t, get("/open/"+id)).is(t, 200).event(t)
		for name, got := range map[string]string{"path": e.Path, "requestContext.path": e.RequestContext.Path, "id": e.PathParameters["id"]} {
			if !strings.HasSuffix(got, id) {
				t.Errorf("%s is %q for %s", name, got, id)
			}
		}
	}
}
