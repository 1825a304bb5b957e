package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/report"
)

// name says what the groups are called: keys, customers and projects that are still there.
func (h handler) name(ctx context.Context, a *report.Answer) error {
	var ids []string
	for _, g := range a.Groups {
		if g.Group != nil {
			ids = append(ids, *g.Group)
		}
	}
	names, err := h.store.Names(ctx, *a.Group, ids)
	for i, g := range a.Groups {
		a.Groups[i].Name, a.Groups[i].ExternalID = report.Optional(names[g.ID()].Name), report.Optional(names[g.ID()].ExternalID)
	}
	return err
}
