//go:build e2e

package e2e

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

type quotaState struct {
	Limit, Remaining, Reset int64
	Period                  string
}

func quotaOf(t testing.TB, as, id string, change object) quotaState {
	t.Helper()
	k := decode[struct{ Quota *quotaState }](t, patch(t, as, id, change).is(t, 200))
	if k.Quota == nil {
		return quotaState{}
	}
	return *k.Quota
}

// The same key at the authorizer and at verify, by fifty callers: exactly its quota is spent.
func TestQuotaIsExactForTheAuthorizerAndVerifyingServersTogether(t *testing.T) {
	p := admin(t)
	server := newKey(t, p.token, object{"scopes": []string{"verify:keys"}, "rate_limit": 1_000_000})
	k := newKey(t, p.token, object{"rate_limit": 1_000_000, "quota": object{"limit": 20, "period": "month"}})
	var admitted, over atomic.Int64
	var all sync.WaitGroup
	for caller := range 50 {
		all.Go(func() {
			if caller%2 == 0 {
				switch got := verify(t, server.Key, object{"key": k.Key}); got.Code {
				case "VALID":
					admitted.Add(1)
				case "QUOTA_EXCEEDED":
					over.Add(1)
				default:
					t.Errorf("verify answers %s", got.Code)
				}
				return
			}
			a, err := try(t, client, request{method: "GET", path: me, as: k.Key})
			switch {
			case err != nil:
				t.Error(err)
			case a.status == 200:
				admitted.Add(1)
			case a.status == 429:
				over.Add(1)
			default:
				t.Errorf("%d: %s", a.status, a.body)
			}
		})
	}
	all.Wait()
	expect.Same(t, "admitted of 50", admitted.Load(), int64(20))
	expect.Same(t, "over the quota", over.Load(), int64(30))

	a := sendOnce(t, request{method: "GET", path: me, as: k.Key})
	a.refused(t, 429, "QUOTA_EXCEEDED")
	expect.Same(t, "there is a Retry-After", a.header.Get("Retry-After") != "", true)
	expect.Same(t, "RateLimit has the quota", strings.Contains(a.header.Get("RateLimit"), `"quota";r=0;t=`+a.header.Get("Retry-After")), true)
	if a.header.Get("X-RateLimit-Remaining") == "0" {
		t.Error("the refusals of the quota used up the limit")
	}

	raised := quotaOf(t, p.token, k.ID, object{"quota": object{"limit": 22}})
	expect.Same(t, "what is left of a raised quota", raised.Remaining, int64(2))
	send(t, request{method: "GET", path: me, as: k.Key}).is(t, 200)
}

func TestCreditsAreSpentByCostAndRefilled(t *testing.T) {
	p := admin(t)
	server := newKey(t, p.token, object{"scopes": []string{"verify:keys"}})
	k := newKey(t, p.token, object{"quota": object{"limit": 10}})
	expect.Same(t, "a cost of 8", verify(t, server.Key, object{"key": k.Key, "cost": 8}).Code, "VALID")
	expect.Same(t, "a cost of 3", verify(t, server.Key, object{"key": k.Key, "cost": 3}).Code, "QUOTA_EXCEEDED")
	expect.Same(t, "a cost of 2, tried only", verify(t, server.Key, object{"key": k.Key, "cost": 2, "dry_run": true}).Code, "VALID")
	expect.Same(t, "a cost of 2", verify(t, server.Key, object{"key": k.Key, "cost": 2}).Code, "VALID")
	a := sendOnce(t, request{method: "GET", path: me, as: k.Key})
	a.refused(t, 429, "QUOTA_EXCEEDED")
	expect.Same(t, "Retry-After of credits", a.header.Get("Retry-After"), "")
	expect.Same(t, "credits, refilled", quotaOf(t, p.token, k.ID, object{"quota": object{"limit": 10}}).Remaining, int64(10))
	send(t, request{method: "GET", path: me, as: k.Key}).is(t, 200)
	expect.Same(t, "no quota", quotaOf(t, p.token, k.ID, object{"quota": nil}), quotaState{})
	send(t, request{method: "GET", path: me, as: k.Key}).is(t, 200)
}
