package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/tests/expect"
)

func (w world) spend(k apikey.Key, cost int64) {
	w.Helper()
	if _, _, err := w.store.CheckKeyOf(w.Context(), store.Whose{}, k.ID, []string{"1:hash"}, store.Count{Cost: cost}, w.now); err != nil {
		w.Fatal(err)
	}
}

// seen is the quota of a key as JSON shows it.
func (w world) seen(k apikey.Key) any {
	w.Helper()
	text, err := json.Marshal(k.View(w.now).Quota)
	var v any
	if err != nil || json.Unmarshal(text, &v) != nil {
		w.Fatal(err)
	}
	return v
}

func shown(q quota.Quota) string { return fmt.Sprint(q.Left, " of ", q.Limit, " ", q.Period) }

func TestPatchMergesAQuotaAndTheLogSaysFromWhatToWhat(t *testing.T) {
	w := newWorld(t)
	k := w.key(nil)
	for _, row := range []struct{ body, want, from, to string }{
		{`{"quota":{"limit":10,"period":"month"}}`, "10 of 10 month", "none", `{"limit":10,"period":"month"}`},
		{`{"quota":{"limit":20}}`, "18 of 20 month", `{"limit":10,"period":"month"}`, `{"limit":20,"period":"month"}`},
		{`{"quota":{"limit":3}}`, "-1 of 3 month", `{"limit":20,"period":"month"}`, `{"limit":3,"period":"month"}`},
		{`{"quota":{"period":"day"}}`, "3 of 3 day", `{"limit":3,"period":"month"}`, `{"limit":3,"period":"day"}`},
		{`{"quota":{"limit":9,"period":null}}`, "9 of 9 ", `{"limit":3,"period":"day"}`, `{"limit":9,"remaining":9}`},
		{`{"quota":{"limit":9}}`, "9 of 9 ", `{"limit":9,"remaining":7}`, `{"limit":9,"remaining":9}`},
		{`{"quota":null}`, "0 of 0 ", `{"limit":9,"remaining":7}`, "none"},
	} {
		before := len(w.log(k.ID))
		a := w.patch(member(), k.ID, row.body)
		expect.Same(t, row.body+": status", a.Status, 200)
		found := w.read(k.ID)
		expect.Same(t, row.body+": the quota that is answered", fmt.Sprint(a.JSON(t)["quota"]), fmt.Sprint(w.seen(found)))
		expect.Same(t, row.body+": the quota", shown(found.Quota), row.want)
		log := w.log(k.ID)
		expect.Same(t, row.body+": entries", len(log)-before, 1)
		said := func(e audit.Entry) bool { return e.Detail["quota_from"] == row.from && e.Detail["quota_to"] == row.to }
		expect.Same(t, row.body+": an entry says from what to what", slices.ContainsFunc(log, said), true)
		if found.Quota.Left >= 2 {
			w.spend(found, 2)
		}
	}
}

func TestPatchThatLeavesAQuotaAsItIsLeavesNoEntry(t *testing.T) {
	w := newWorld(t)
	for period, bodies := range map[quota.Period][]string{
		quota.Month:   {`{"quota":{}}`, `{"quota":{"limit":10}}`, `{"quota":{"period":"month"}}`},
		quota.Credits: {`{"quota":{}}`, `{"quota":{"period":null}}`},
	} {
		k := w.key(func(k *apikey.Key) { k.Quota = quota.New(10, period, w.now) })
		w.spend(k, 4)
		for _, body := range bodies {
			expect.Same(t, body+": status", w.patch(member(), k.ID, body).Status, 200)
			expect.Same(t, body+": what is left", w.read(k.ID).Quota.Left, 6)
		}
		expect.Same(t, "entries", len(w.log(k.ID)), 1)
	}
}

func TestQuotaThatIsNoneIsRefused(t *testing.T) {
	w := newWorld(t)
	k := w.key(nil)
	for _, value := range []string{
		`7`, `"month"`, `[]`, `{}`, `{"limit":0}`, `{"limit":-1}`, `{"limit":1.5}`, `{"limit":"7"}`, `{"limit":null}`, `{"limit":1000000000001}`,
		`{"period":"month"}`, `{"limit":5,"period":"week"}`, `{"limit":5,"period":""}`, `{"limit":5,"period":7}`, `{"limit":5,"every":"month"}`, `{"Limit":5}`,
	} {
		a := w.patch(member(), k.ID, `{"quota":`+value+`}`)
		expect.Same(t, value+": status", a.Status, 422)
	}
}

// A key that has a quota gives no key a larger one, and refills none: not its own either.
func TestKeyRaisesNoQuotaBeyondItsOwn(t *testing.T) {
	w := newWorld(t)
	maker := func(q quota.Quota) (apikey.Key, map[string]any) {
		k := w.key(func(k *apikey.Key) { k.Scopes, k.Quota = []string{"admin", "read:offers", "read:stats"}, q })
		as := gatewaytest.Key(k.ID, "scoped", "usr_A", "prj_A", "admin read:offers read:stats")
		return k, as
	}
	month := func(limit, left int64) quota.Quota {
		q := quota.New(limit, quota.Month, w.now)
		q.Left = left
		return q
	}
	for _, row := range []struct {
		caller, target quota.Quota
		body, want     string
	}{
		{month(100, 50), month(10, 3), `{"quota":{"limit":100}}`, "200 93 of 100 month"},
		{month(100, 50), month(10, 3), `{"quota":{"limit":101}}`, "422 3 of 10 month"},
		{month(100, 50), month(10, 3), `{"quota":null}`, "422 3 of 10 month"},
		{month(100, 50), month(10, 3), `{"quota":{"period":"day"}}`, "422 3 of 10 month"},
		{month(100, 50), month(10, 3), `{"quota":{"limit":80,"period":null}}`, "200 50 of 80 "},
		{month(100, 50), quota.Quota{}, `{"quota":{"limit":200,"period":"day"}}`, "200 50 of 200 day"},
		{month(100, 50), quota.Quota{}, `{"label":"x"}`, "200 0 of 0 "},
		{quota.Quota{}, month(10, 3), `{"quota":null}`, "200 0 of 0 "},
	} {
		_, as := maker(row.caller)
		k := w.key(func(k *apikey.Key) { k.Quota = row.target })
		a := w.patch(as, k.ID, row.body)
		expect.Same(t, fmt.Sprint(row.body, " by ", shown(row.caller)), fmt.Sprint(a.Status, " ", shown(w.read(k.ID).Quota)), row.want)
	}
	credits := quota.New(100, quota.Credits, w.now)
	credits.Left = 4
	k, as := maker(credits)
	expect.Same(t, "refills itself", w.patch(as, k.ID, `{"quota":{"limit":100}}`).Status, 200)
	expect.Same(t, "what it has then", w.read(k.ID).Quota.Left, 4)
	expect.Same(t, "its owner refills it", w.patch(member(), k.ID, `{"quota":{"limit":100}}`).Status, 200)
	expect.Same(t, "what it has then", w.read(k.ID).Quota.Left, 100)
}

func TestQuotaOfAPeriodThatIsOverBeginsAnewWithAChange(t *testing.T) {
	w := newWorld(t)
	k := w.key(func(k *apikey.Key) {
		k.Quota = quota.New(10, quota.Day, w.now.Add(-48*time.Hour))
		k.Quota.Left = 2
	})
	a := w.patch(member(), k.ID, `{"quota":{"limit":15}}`)
	expect.Same(t, "what the answer says is left", a.JSON(t)["quota"].(map[string]any)["remaining"], any(15.0))
	w.spend(k, 15)
	expect.Same(t, "what is left", w.read(k.ID).Quota.Left, 0)
}
