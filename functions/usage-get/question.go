package main

import (
	"fmt"
	"mime"
	"slices"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/report"
)

var groups = []string{"", report.ByKey, report.ByCustomer, report.ByRoute, report.ByOutcome, report.ByProject}

// A question is what the parameters ask.
type question struct {
	from, to       time.Time // whole periods
	by             period
	group          string
	route, outcome string // only of these; "" is any
	after          position
	limit          int // rows
	csv            bool
}

// A period is what one row is about.
type period struct {
	name    string
	length  time.Duration
	usual   time.Duration // asked for, if the question does not say
	longest time.Duration // that may be asked for
}

var periods = []period{
	{"day", 24 * time.Hour, 30 * 24 * time.Hour, 400 * 24 * time.Hour},
	{"hour", time.Hour, 24 * time.Hour, 31 * 24 * time.Hour},
}

const mostRows = 10_000 // of an answer, which may have 6 MB

func ask(r *gateway.Request) (q question, err error) {
	q.by = periods[0]
	if name := r.Query("by"); name != "" {
		i := slices.IndexFunc(periods, func(p period) bool { return p.name == name })
		if i < 0 {
			return q, problem.InvalidParameter.WithDetail("by must be hour or day")
		}
		q.by = periods[i]
	}
	if q.group = r.Query("group"); !slices.Contains(groups, q.group) {
		return q, problem.InvalidParameter.WithDetail("group must be key, customer, route, outcome or project")
	}
	if err = q.span(r); err != nil {
		return q, err
	}
	if q.limit, err = r.QueryInt("limit", mostRows, 1, mostRows); err != nil {
		return q, err
	}
	if q.after, err = readPosition(r.Query("cursor"), q); err != nil {
		return q, err
	}
	q.route, q.outcome = r.Query("route"), r.Query("outcome")
	if len(q.route) > 512 { // DynamoDB refuses an empty or a very long one
		return q, problem.InvalidParameter.WithDetail("route must have at most 512 bytes")
	}
	q.csv, err = wantsCSV(r)
	return q, err
}

// span reads from and to. Without them it is the usual time up to now, with the period that has not ended.
func (q *question) span(r *gateway.Request) (err error) {
	if q.to, err = moment(r, "to", q.by, r.Now.UTC().Truncate(q.by.length).Add(q.by.length)); err != nil {
		return err
	}
	if q.from, err = moment(r, "from", q.by, q.to.Add(-q.by.usual)); err != nil {
		return err
	}
	switch {
	case !q.from.Before(q.to):
		return problem.InvalidParameter.WithDetail("from must be before to")
	case q.to.Sub(q.from) > q.by.longest:
		return problem.InvalidParameter.WithDetail(fmt.Sprintf("by=%s is for at most %d days at once", q.by.name, int(q.by.longest.Hours()/24)))
	}
	return nil
}

func moment(r *gateway.Request, name string, by period, otherwise time.Time) (time.Time, error) {
	text := r.Query(name)
	if text == "" {
		return otherwise, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		at, err = time.Parse(time.RFC3339, text)
	}
	if at = at.UTC(); err != nil || at.Year() < 2000 || at.Year() > 9998 {
		return at, problem.InvalidParameter.WithDetail(name + " must be a date (2030-01-31) or a time (2030-01-31T11:00:00Z)")
	}
	if !at.Truncate(by.length).Equal(at) {
		return at, problem.InvalidParameter.WithDetail(fmt.Sprintf("%s must be the beginning of the %s, in UTC", name, by.name))
	}
	return at, nil
}

// start is where the page begins.
func (q question) start() time.Time {
	if q.after.start.IsZero() {
		return q.from
	}
	return q.after.start
}

// needsKeys reports whether the sums of whole projects do not say enough.
func (q question) needsKeys() bool {
	return q.route != "" || slices.Contains([]string{report.ByKey, report.ByCustomer, report.ByRoute}, q.group)
}

// parameters are those of a link to the next page.
func (q question) parameters(r *gateway.Request) []string {
	all := []string{"from", q.from.Format(time.RFC3339), "to", q.to.Format(time.RFC3339)}
	for _, name := range []string{"by", "group", "project_id", "customer_id", "key_id", "route", "outcome", "format"} {
		all = append(all, name, r.Query(name))
	}
	return all
}

// wantsCSV reads format or, without it, the first type in Accept that the route has.
func wantsCSV(r *gateway.Request) (bool, error) {
	switch r.Query("format") {
	case "csv":
		return true, nil
	case "json":
		return false, nil
	case "":
	default:
		return false, problem.InvalidParameter.WithDetail("format must be csv or json")
	}
	for one := range strings.SplitSeq(r.Header("Accept"), ",") {
		switch kind, _, _ := mime.ParseMediaType(one); kind {
		case "text/csv":
			return true, nil
		case "application/json", "*/*":
			return false, nil
		}
	}
	return false, nil
}
