// Package paging reads which page of a list a caller asks for, and words the refusal of
// a cursor.
package paging

import (
	"errors"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

// Read reads the query parameters cursor and limit (1 to 100, 50 if absent). Error:
// INVALID_PARAMETER.
func Read(r *gateway.Request) (store.Page, error) {
	limit, err := r.QueryInt("limit", 50, 1, 100)
	return store.Page{After: store.Cursor(r.Query("cursor")), Limit: limit}, err
}

// Refusal turns store.ErrCursor into INVALID_PARAMETER and returns any other error
// unchanged.
func Refusal(err error) error {
	if errors.Is(err, store.ErrCursor) {
		return problem.InvalidParameter.WithDetail("cursor is not one that this list gave out")
	}
	return err
}
