package main

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/paging"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/report"
	"github.com/latchkey/latchkey/shared/store"
)

const (
	mostBytes    = 32 << 20 // that one request reads: what takes some seconds
	mostProjects = 500      // of the deployment, that one request reads the keys of
)

type handler struct {
	store *store.Store
	bytes int
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	q, err := ask(r)
	if err != nil {
		return gateway.Response{}, err
	}
	s, err := h.subject(ctx, r, p)
	if err != nil {
		return gateway.Response{}, err
	}
	if q.group == report.ByProject && !s.deployment {
		return gateway.Response{}, problem.InvalidParameter.WithDetail("group=project is for project_id=*, the whole deployment")
	}
	t := newTally(q)
	until, err := h.read(ctx, q, s, t, r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	a := t.answer(until)
	if a.Group != nil && !s.unnamed {
		if err := h.name(ctx, a); err != nil {
			return gateway.Response{}, err
		}
	}
	res := gateway.JSON(200, a)
	header := map[string]string{}
	if a.NextCursor != nil {
		header = paging.Link(store.Page{Limit: q.limit}, store.Cursor(*a.NextCursor), q.parameters(r)...)
	}
	if q.csv {
		var out bytes.Buffer
		err = a.WriteCSV(&out, true)
		header["Content-Type"] = "text/csv; charset=utf-8; header=present"
		header["Content-Disposition"] = `attachment; filename="usage.csv"`
		res.Body = out.Bytes()
	}
	res.Header = header
	return res, err
}

// read reads what is asked, and returns the time from which on some of it may be missing, or zero.
func (h handler) read(ctx context.Context, q question, s subject, t *tally, now time.Time) (time.Time, error) {
	sums := store.Sums{From: q.start(), To: q.to, Projects: s.projects, Key: s.key, Customer: s.customer, Route: q.route}
	var until time.Time
	if s.deployment && q.needsKeys() {
		active := map[string]bool{}
		directory := h.store.ReadUsage(h.bytes, now, func(sum store.Sum) { active[sum.Project] = true })
		if err := directory.Of(ctx, store.Sums{From: q.start(), To: q.to}); err != nil {
			return until, err
		}
		if until = directory.Until(); len(active) == 0 {
			return until, nil
		}
		if len(active) > mostProjects {
			return until, problem.InvalidParameter.WithDetail("Keys of more than 500 projects were used in this time: name a project_id, or group by project or outcome")
		}
		sums.Projects = slices.Sorted(maps.Keys(active))
	}
	reading := h.store.ReadUsage(h.bytes, now, t.add)
	err := reading.Of(ctx, sums)
	if end := reading.Until(); until.IsZero() || !end.IsZero() && end.Before(until) {
		until = end
	}
	return until, err
}
