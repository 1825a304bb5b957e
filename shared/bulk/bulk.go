// Package bulk owns imports: many things in one request of JSON Lines, each of which is taken or
// refused by itself.
package bulk

import (
	"context"
	"errors"
	"sync"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
)

// Most is how many lines a request may have.
const Most = 100

// atOnce is how many lines are written at the same time.
const atOnce = 8

// What became of a line.
const (
	Created = "created"
	Exists  = "exists" // nothing changed
	Refused = "refused"
)

// A Result is what became of one line.
type Result struct {
	Line   int             `json:"line"`
	Status string          `json:"status"`
	ID     string          `json:"id,omitempty"`    // what Created or Exists
	Error  string          `json:"error,omitempty"` // why it is Refused
	Fields []problem.Field `json:"fields,omitempty"`
}

// A Summary has the results in the order of the lines.
type Summary struct {
	Created int      `json:"created"`
	Exists  int      `json:"exists"`
	Refused int      `json:"refused"`
	Results []Result `json:"results"`
}

// ByAdministrator returns FORBIDDEN unless an administrator calls who is logged in. A key with the
// scope admin acts in its project, and may end, so it imports nothing.
func ByAdministrator(p gateway.Principal) error {
	if !p.Administrator() {
		return problem.Forbidden.WithDetail("Only an administrator who is logged in may import")
	}
	return nil
}

// Do imports every line of the request. one imports a line, and returns the id of what it made, or
// of what was there already; its error refuses the line if it is a *problem.Problem. Any other error
// fails the request. Lines may have been imported by then, so one must do nothing if it is called
// again.
func Do(ctx context.Context, r *gateway.Request, one func(context.Context, gateway.Line) (id string, created bool, err error)) (Summary, error) {
	lines, err := r.Lines(Most)
	if err != nil {
		return Summary{}, err
	}
	results, failures := make([]Result, len(lines)), make([]error, len(lines))
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i, line := range lines {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			id, created, err := one(ctx, line)
			results[i], failures[i] = result(line, id, created, err)
		})
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		return Summary{}, err
	}
	return sum(results), nil
}

func result(line gateway.Line, id string, created bool, err error) (Result, error) {
	var refusal *problem.Problem
	switch {
	case errors.As(err, &refusal) && refusal.Status < 500:
		return Result{Line: line.Number, Status: Refused, Error: refusal.Detail, Fields: refusal.Fields}, nil
	case err != nil:
		return Result{}, err
	case created:
		return Result{Line: line.Number, Status: Created, ID: id}, nil
	}
	return Result{Line: line.Number, Status: Exists, ID: id}, nil
}

func sum(results []Result) Summary {
	s := Summary{Results: results}
	for _, r := range results {
		switch r.Status {
		case Created:
			s.Created++
		case Exists:
			s.Exists++
		case Refused:
			s.Refused++
		}
	}
	return s
}
