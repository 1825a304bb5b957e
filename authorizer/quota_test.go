package main

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestContextTellsWhatIsLeftOfTheQuota(t *testing.T) {
	w := newWorld(t, modeFunction)
	for _, row := range []struct {
		period                       quota.Period
		left, name, reset, inSeconds any
	}{
		{quota.Day, "1", "day", "1893628800", "75355"},
		{quota.Month, "1", "month", "1896134400", "2580955"},
		{quota.Credits, "1", nil, nil, nil},
	} {
		k, full := w.key(func(k *apikey.Key) { k.Quota = quota.New(2, row.period, now) })
		res, err := w.handle(ctx, get("X-Api-Key: "+full))
		if err != nil {
			t.Fatal(err)
		}
		what := fmt.Sprintf("with the period %q, ", row.period)
		expect.Same(t, what+gateway.CtxQuota, res.Context[gateway.CtxQuota], any("2"))
		expect.Same(t, what+gateway.CtxQuotaRemaining, res.Context[gateway.CtxQuotaRemaining], row.left)
		expect.Same(t, what+gateway.CtxQuotaPeriod, res.Context[gateway.CtxQuotaPeriod], row.name)
		expect.Same(t, what+gateway.CtxQuotaReset, res.Context[gateway.CtxQuotaReset], row.reset)
		expect.Same(t, what+gateway.CtxQuotaRetryAfter, res.Context[gateway.CtxQuotaRetryAfter], row.inSeconds)
		expect.Same(t, what+"a token of the key", w.refusal(get("Authorization: Bearer "+w.clientToken(k, "read:stats"))), "")
		expect.Same(t, what+"the third request", w.refusal(get("X-Api-Key: "+full)), "QUOTA_EXCEEDED")
		expect.Same(t, what+"a token after that", w.refusal(get("Authorization: Bearer "+w.clientToken(k, "read:stats"))), "QUOTA_EXCEEDED")
	}
}

func TestQuotaHoldsWhereNothingElseIsLimited(t *testing.T) {
	for name, first := range map[string]bool{"the first check of a process": true, "a later one": false} {
		w := newWorld(t, modeFunction)
		w.limits.Max = nil
		if !first {
			_, other := w.key(nil)
			expect.Same(t, name+", another key", w.refusal(get("X-Api-Key: "+other)), "")
		}
		_, full := w.key(func(k *apikey.Key) { k.Quota = quota.New(1, quota.Month, now) })
		expect.Same(t, name, w.refusal(get("X-Api-Key: "+full)), "")
		expect.Same(t, name+", one more", w.refusal(get("X-Api-Key: "+full)), "QUOTA_EXCEEDED")
		w.now = time.Date(2030, 2, 1, 0, 0, 0, 0, time.UTC)
		expect.Same(t, name+", in the next month", w.refusal(get("X-Api-Key: "+full)), "")
	}
}

func TestAtTheEdgeAKeyOverItsQuotaIsForbidden(t *testing.T) {
	w := newWorld(t, modeEdge)
	_, full := w.key(func(k *apikey.Key) { k.Quota = quota.New(1, quota.Month, now) })
	for i, effect := range []string{"Allow", "Deny"} {
		res, err := w.handle(ctx, get("X-Api-Key: "+full))
		if errors.Is(err, errUnauthorized) || err != nil {
			t.Fatal(err)
		}
		expect.Same(t, fmt.Sprintf("request %d: the effect", i+1), res.PolicyDocument.Statement[0].Effect, effect)
	}
}
