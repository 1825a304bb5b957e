//go:build e2e

package aws

import "testing"

func TestRow12SourceAddressIsThePeersWhateverAHeaderSays(t *testing.T) {
	e := send(t, get("/guarded").with("X-Forwarded-For", "203.0.113.9")).is(t, 200).event(t)
	for who, e := range map[string]event{"function": e, "authorizer": e.authorizers(t)} {
		if got := e.RequestContext.Identity.SourceIP; got != "127.0.0.1" {
			t.Errorf("the %s sees the source address %s", who, got)
		}
	}
}
