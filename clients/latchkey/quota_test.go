package main

import (
	"encoding/json"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

func TestQuotaIsReadAsItIsWritten(t *testing.T) {
	for text, want := range map[string]string{
		"10000/month": `{"limit":10000,"period":"month"}`, "500/day": `{"limit":500,"period":"day"}`, "2500": `{"limit":2500,"period":null}`, "": "null",
	} {
		q, err := quotaOf(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		body, err := json.Marshal(q)
		expect.Same(t, text+": the error", err, nil)
		expect.Same(t, text, string(body), want)
	}
	for _, text := range []string{"5/week", "5/", "/day", "0", "-1/day", "many", "1.5", "5/day/day"} {
		if _, err := quotaOf(text); err == nil {
			t.Errorf("%q is read as a quota", text)
		}
	}
}

func TestQuotaIsShownWithWhatIsLeft(t *testing.T) {
	month := "month"
	for want, q := range map[string]*quota{
		"":                        nil,
		"9 of 10 left this month": {Limit: 10, Period: &month, Remaining: 9},
		"0 of 10 credits left":    {Limit: 10},
	} {
		expect.Same(t, "it is shown", q.String(), want)
	}
}
