package main

import "testing"

func TestEntryThatCountsNamesItsHour(t *testing.T) {
	for want, e := range map[string]entry{
		"2030-01-31T11:59:30Z":      {At: "2030-01-31T11:59:30Z", Action: "created"},
		"2030-01-31T11:00:00Z/PT1H": {At: "2030-01-31T11:00:00Z", Action: "used", Count: 4},
	} {
		if got := e.when(); got != want {
			t.Errorf("%s: %s, want %s", e.Action, got, want)
		}
	}
}
