package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/tests/expect"
)

// spends is what one answer tells of a quota.
func spends(a map[string]any) string {
	q, _ := a["quota"].(map[string]any)
	return fmt.Sprint(a["code"], " ", q["remaining"], " of ", q["limit"], " ", q["period"])
}

func TestCostIsTakenFromTheQuotaWholeOrNotAtAll(t *testing.T) {
	p := newPlace(t)
	_, full := p.d.Key(func(k *apikey.Key) { k.Quota = quota.New(10, quota.Month, time.Now()) })
	for _, row := range []struct{ more, want string }{
		{`,"cost":4`, "VALID 6 of 10 month"},
		{`,"cost":7,"dry_run":true`, "QUOTA_EXCEEDED 6 of 10 month"},
		{`,"cost":6,"dry_run":true`, "VALID 6 of 10 month"},
		{`,"method":"POST","scopes":["write:events"]`, "VALID 5 of 10 month"},
		{`,"cost":6`, "QUOTA_EXCEEDED 5 of 10 month"},
		{`,"method":"POST","cost":5`, "VALID 0 of 10 month"},
	} {
		expect.Same(t, row.more, spends(p.verify(server(), full, row.more)), row.want)
	}
}

func TestRefusalOfAQuotaSaysWhenItsPeriodEnds(t *testing.T) {
	for _, period := range []quota.Period{quota.Day, quota.Credits} {
		p := newPlace(t)
		k, full := p.d.Key(func(k *apikey.Key) { k.Quota = quota.New(1, period, time.Now()) })
		good := p.verify(server(), full, "")["headers"].(map[string]any)
		expect.Same(t, "two policies", strings.Count(good["RateLimit-Policy"].(string), `;q=`), 2)
		got := p.verify(server(), full, "")
		expect.Same(t, "the code", got["code"], any("QUOTA_EXCEEDED"))
		expect.Same(t, "the key", got["key_id"], any(k.ID))
		expect.Same(t, "the status of the problem", got["problem"].(map[string]any)["status"], any(429.0))
		headers, state := got["headers"].(map[string]any), got["quota"].(map[string]any)
		expect.Same(t, "what is left of the limit, of which it took nothing", headers["X-RateLimit-Remaining"], any("2"))
		after, _ := headers["Retry-After"].(string)
		if period == quota.Credits {
			expect.Same(t, "Retry-After of credits", after, "")
			continue
		}
		expect.Same(t, "Retry-After", after, fmt.Sprint(state["retry_after"]))
		expect.Same(t, "the end of the period", int64(state["reset"].(float64)), k.Quota.Until)
		if seconds, until := state["retry_after"].(float64), time.Until(time.Unix(k.Quota.Until, 0)); seconds < 1 || seconds > until.Seconds()+2 {
			t.Errorf("Retry-After is %v, and the period ends in %s", seconds, until)
		}
	}
}

func TestQuotaIsExactForABatch(t *testing.T) {
	p := newPlace(t)
	_, full := p.d.Key(func(k *apikey.Key) { k.Quota, k.Write = quota.New(7, quota.Credits, time.Now()), 1000 })
	body := `{"keys":[` + strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`{"key":%q,"method":"POST","cost":2},`, full), 20), ",") + `]}`
	codes := map[any]int{}
	for _, one := range p.send(server(), body).JSON(t)["results"].([]any) {
		codes[one.(map[string]any)["code"]]++
	}
	expect.Same(t, "the answers", fmt.Sprint(codes), "map[QUOTA_EXCEEDED:17 VALID:3]")
	expect.Same(t, "what is left", spends(p.verify(server(), full, `,"dry_run":true`)), "VALID 1 of 7 <nil>")
}

func TestWrongSecretLearnsNothingOfTheQuota(t *testing.T) {
	p := newPlace(t)
	k, _ := p.d.Key(func(k *apikey.Key) { k.Quota = quota.New(7, quota.Credits, time.Now()) })
	got := p.verify(server(), apikey.New("gf_", k.ID), "")
	expect.Same(t, "the code", got["code"], any("API_KEY_INVALID"))
	expect.Same(t, "the quota", got["quota"], nil)
}
