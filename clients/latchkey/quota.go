package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A quota is what a key may spend; without a period it is credits.
type quota struct {
	Limit     int64   `json:"limit"`
	Period    *string `json:"period"` // null for credits, also in place of a period
	Remaining int64   `json:"remaining,omitempty"`
}

// quotaOf reads 10000/month, 500/day, 2500 or none; nil is for an empty text.
func quotaOf(text string) (*quota, error) {
	switch text {
	case "":
		return nil, nil
	case "none":
		return &quota{}, nil
	}
	number, period, dated := strings.Cut(text, "/")
	limit, err := strconv.ParseInt(number, 10, 64)
	if err != nil || limit < 1 || dated && period != "month" && period != "day" {
		return nil, usage("--quota is 10000/month, 500/day, or 2500 for credits")
	}
	q := quota{Limit: limit}
	if dated {
		q.Period = &period
	}
	return &q, nil
}

// String returns what is left of the quota, and of what.
func (q *quota) String() string {
	switch {
	case q == nil:
		return ""
	case q.Period == nil:
		return fmt.Sprintf("%d of %d credits left", q.Remaining, q.Limit)
	}
	return fmt.Sprintf("%d of %d left this %s", q.Remaining, q.Limit, *q.Period)
}
