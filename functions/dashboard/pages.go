package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/scope"
)

// pages has the page of the catalogue in force.
type pages struct{ of func(*scope.Catalogue) made }

type made struct {
	page
	err error
}

func newPages(d deployment) pages {
	return pages{scope.Derived(func(c *scope.Catalogue) made {
		p, err := newPage(settingsOf(c, d))
		return made{p, err}
	})}
}

func (p pages) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	current := p.of(scope.Default())
	if current.err != nil {
		return gateway.Response{}, current.err
	}
	return current.serve(ctx, r)
}
