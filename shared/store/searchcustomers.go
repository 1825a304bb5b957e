package store

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/latchkey/latchkey/shared/customer"
)

// A search for customers reads those of the project, newest first, and leaves out the others. An index of
// their names would be a write more for each change of one, and has no text in the middle of a name.
//
// Bounds of one page of a search: how many customers it reads at once, and how often it goes on. A page may be
// short, or empty, and yet have a next one.
const (
	searchedAtOnce  = 500
	searchesOfAPage = 8
)

// SearchCustomers lists the customers of a project with a text in their name or external id, anywhere in it,
// in either case, newest first.
func (s *Store) SearchCustomers(ctx context.Context, project, search string, page Page) (found []customer.Customer, next Cursor, err error) {
	next = page.After
	for range searchesOfAPage {
		var places []item
		places, next, err = s.placesOf(ctx, project, customers, Page{After: next, Limit: searchedAtOnce})
		if err != nil {
			return nil, "", err
		}
		list, err := s.manyCustomersAt(ctx, places)
		if err != nil {
			return nil, "", err
		}
		for _, c := range list {
			if c.Has(search) {
				found = append(found, c)
			}
		}
		if len(found) > page.Limit {
			found = found[:page.Limit]
			next, err = cursorOf(indexed(found[page.Limit-1]))
			return found, next, err
		}
		if next == "" || len(found) == page.Limit {
			break
		}
	}
	return found, next, nil
}

// manyCustomersAt is customersAt for more than one call reads.
func (s *Store) manyCustomersAt(ctx context.Context, places []item) (list []customer.Customer, err error) {
	var mu sync.Mutex
	err = each(slices.Collect(slices.Chunk(places, mostGets)), atOnce, func(some []item) error {
		found, err := s.customersAt(ctx, some)
		mu.Lock()
		defer mu.Unlock()
		list = append(list, found...)
		return err
	})
	slices.SortFunc(list, newestCustomer)
	return list, err
}

func newestCustomer(a, b customer.Customer) int {
	return strings.Compare(text(indexed(b), attrOwnerSK), text(indexed(a), attrOwnerSK))
}

// indexed is the entry of a customer in the index.
func indexed(c customer.Customer) item {
	entry := owned(c.Project, customers, c.CreatedAt, c.ID)
	for name, value := range customerKey(c.ID) {
		entry[name] = value
	}
	return entry
}
