//go:build e2e

package aws

import (
	"crypto/rand"
	"net/http"
	"testing"
	"time"
)

func TestRow15ManagementCallsBeyondTheAccountsRateAreRefused(t *testing.T) {
	const calls = 60 // a burst of 40, and 10 a second
	began, refused := time.Now(), 0
	for range calls {
		a := awsCall{"apigateway", http.MethodGet, "/restapis/" + probe.APIID, ""}.send(t)
		if a.status == 429 {
			a.has(t, "X-Amzn-Errortype", "TooManyRequestsException")
			refused++
		} else {
			a.is(t, 200)
		}
	}
	passed := calls - refused
	if refused == 0 {
		t.Errorf("none of %d calls was refused", calls)
	}
	if passed > 41+int(10*time.Since(began).Seconds()) {
		t.Errorf("%d of %d calls passed in %v", passed, calls, time.Since(began))
	}
	time.Sleep(time.Second) // for who calls next
}

func TestRow15FlushedStageAsksItsAuthorizerAgain(t *testing.T) {
	ask := func() string {
		return send(t, get("/cached").with("X-Key", "k")).is(t, 200).event(t).RequestContext.Authorizer.Event
	}
	first := ask()
	if ask() != first {
		t.Fatal("the authorizer was asked twice within its time to live")
	}
	awsCall{"apigateway", http.MethodDelete, "/restapis/" + probe.APIID + "/stages/" + probe.StageName + "/cache/authorizers", ""}.is(t, 202)
	if ask() == first {
		t.Error("the authorizer was not asked again")
	}
}

func TestRow15RevokedKeyDiesInTheCacheOfARegisteredStage(t *testing.T) {
	stack("latchkey").set(t, "CachedStages", probe.APIID+"/"+probe.StageName)
	key := administrator(t).newKey(t, map[string]any{"scopes": []string{"read:campaigns"}})
	send(t, get("/api/campaigns").with("X-Api-Key", key.Key)).is(t, 200)
	administrator(t).revoke(t, key)
	send(t, get("/api/campaigns").with("X-Api-Key", key.Key)).is(t, 401)
}

func TestRow15DisabledCustomersKeyDiesInTheCacheOfARegisteredStage(t *testing.T) {
	stack("latchkey").set(t, "CachedStages", probe.APIID+"/"+probe.StageName)
	admin := administrator(t)
	var customer struct{ ID string }
	admin.call(t, http.MethodPost, "/v1/customers", map[string]any{"external_id": rand.Text()}).is(t, 201).json(t, &customer)
	key := admin.newKey(t, map[string]any{"scopes": []string{"read:campaigns"}, "customer_id": customer.ID})
	send(t, get("/api/campaigns").with("X-Api-Key", key.Key)).is(t, 200)
	admin.call(t, http.MethodPatch, "/v1/customers/"+customer.ID, map[string]any{"disabled": true}).is(t, 200)
	send(t, get("/api/campaigns").with("X-Api-Key", key.Key)).is(t, 401)
}
