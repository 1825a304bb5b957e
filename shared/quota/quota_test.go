package quota_test

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/tests/expect"
)

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestPeriodsEndAtMidnightInUTC(t *testing.T) {
	for now, ends := range map[string]struct{ day, month string }{
		"2030-01-31T23:59:59Z":      {"2030-02-01T00:00:00Z", "2030-02-01T00:00:00Z"},
		"2030-02-01T00:00:00Z":      {"2030-02-02T00:00:00Z", "2030-03-01T00:00:00Z"},
		"2028-02-28T23:59:59Z":      {"2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"},
		"2028-02-29T12:00:00Z":      {"2028-03-01T00:00:00Z", "2028-03-01T00:00:00Z"},
		"2030-02-28T23:59:59Z":      {"2030-03-01T00:00:00Z", "2030-03-01T00:00:00Z"},
		"2100-02-28T23:59:59Z":      {"2100-03-01T00:00:00Z", "2100-03-01T00:00:00Z"},
		"2030-03-31T23:59:59Z":      {"2030-04-01T00:00:00Z", "2030-04-01T00:00:00Z"},
		"2030-04-30T23:59:59Z":      {"2030-05-01T00:00:00Z", "2030-05-01T00:00:00Z"},
		"2030-12-31T23:59:59Z":      {"2031-01-01T00:00:00Z", "2031-01-01T00:00:00Z"},
		"2030-02-01T01:30:00+02:00": {"2030-02-01T00:00:00Z", "2030-02-01T00:00:00Z"}, // 31 January in UTC
	} {
		at := moment(t, now)
		expect.Same(t, "the day of "+now, quota.Day.End(at), moment(t, ends.day).Unix())
		expect.Same(t, "the month of "+now, quota.Month.End(at), moment(t, ends.month).Unix())
		expect.Same(t, "credits at "+now, quota.Credits.End(at), 0)
	}
}

func TestQuotaIsWholeAgainAtTheFirstSecondOfThePeriod(t *testing.T) {
	q := quota.New(100, quota.Month, moment(t, "2028-02-10T00:00:00Z"))
	q.Left = 7
	for at, left := range map[string]int64{
		"2028-02-29T23:59:59Z": 7, "2028-03-01T00:00:00Z": 100, "2028-02-01T00:00:00Z": 7, "2029-01-01T00:00:00Z": 100,
	} {
		expect.Same(t, "what is left at "+at, q.At(moment(t, at)).Left, left)
	}
	credits := quota.New(100, quota.Credits, moment(t, "2028-02-10T00:00:00Z"))
	credits.Left = 7
	expect.Same(t, "credits, years later", credits.At(moment(t, "2050-01-01T00:00:00Z")).Left, 7)
}

func TestStateTellsWhenThePeriodEndsAndHowLongItIs(t *testing.T) {
	now := moment(t, "2028-02-29T23:59:57Z").Add(500 * time.Millisecond)
	q := quota.New(100, quota.Month, now)
	q.Left = -3 // the limit was lowered
	expect.Same(t, "the state", q.State(now), quota.State{
		Limit: 100, Period: quota.Month, Reset: moment(t, "2028-03-01T00:00:00Z").Unix(), RetryAfter: 3, Window: 29 * 24 * 3600,
	})
	left, policy := q.State(now).Lines()
	expect.Same(t, "RateLimit", left, `"quota";r=0;t=3`)
	expect.Same(t, "RateLimit-Policy", policy, `"quota";q=100;w=2505600`)
	left, policy = quota.New(100, quota.Credits, now).State(now).Lines()
	expect.Same(t, "RateLimit of credits", left, `"quota";r=100`)
	expect.Same(t, "RateLimit-Policy of credits", policy, `"quota";q=100`)
	expect.Same(t, "the state without a quota", quota.Quota{Left: -50}.State(now), quota.State{})
}

func TestQuotaIsWithinOneOfTheSamePeriodThatIsNotSmaller(t *testing.T) {
	of := func(limit int64, p quota.Period) quota.Quota { return quota.New(limit, p, time.Now()) }
	for name, row := range map[string]struct {
		q, other quota.Quota
		want     bool
	}{
		"none in none":            {quota.Quota{}, quota.Quota{}, true},
		"some in none":            {of(5, quota.Day), quota.Quota{}, true},
		"none in some":            {quota.Quota{}, of(5, quota.Day), false},
		"less in more":            {of(4, quota.Day), of(5, quota.Day), true},
		"more in less":            {of(6, quota.Day), of(5, quota.Day), false},
		"a day's in a month's":    {of(4, quota.Day), of(5, quota.Month), false},
		"a month's in a day's":    {of(4, quota.Month), of(5, quota.Day), false},
		"credits in a month's":    {of(5, quota.Credits), of(5, quota.Month), true},
		"a month's in credits":    {of(5, quota.Month), of(5, quota.Credits), false},
		"more credits in a day's": {of(6, quota.Credits), of(5, quota.Day), false},
	} {
		expect.Same(t, name, row.q.Within(row.other), row.want)
	}
}
