package store

import (
	"context"
	"errors"
	"strings"

	"github.com/latchkey/latchkey/shared/audit"
)

// A project that is deleted takes its customers with it. Nobody makes another meanwhile: its owner is being
// deleted, and CreateCustomer is refused. What was made before is in NEW#, or in the index (admitted).

// endCustomers deletes all customers of a project. After an error a repeated call goes on.
func (s *Store) endCustomers(ctx context.Context, project string, entry func(action string) audit.Entry, done *Ended) error {
	return s.eachOf(ctx, project, customers, func(places []item) error {
		return each(places, atOnce, func(place item) error {
			return note(&done.Customers, s.endCustomer(ctx, strings.TrimPrefix(text(place, attrPK), customerPartition("")), entry))
		})
	})
}

// endCustomer deletes a customer, whoever changes it at the same time. Error: ErrNotFound if that was done already.
func (s *Store) endCustomer(ctx context.Context, id string, entry func(action string) audit.Entry) error {
	for {
		c, err := s.AnyCustomer(ctx, id)
		if err == nil {
			err = s.DeleteCustomer(ctx, c, entry(audit.Deleted))
		}
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
}
