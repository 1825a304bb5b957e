// Package paging reads the parameters that select a page of a list, and refuses a wrong cursor.
package paging

import (
	"errors"
	"net/url"
	"strconv"

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

// Link returns the Link header with the address of the page after page, which ended at next. It
// keeps the list's other query parameters (name, value, …; an empty value is left out). It
// returns nil if there is no further page. The address is relative, so that it is right behind
// any host, stage or base path (RFC 8288 §3.1).
func Link(page store.Page, next store.Cursor, others ...string) map[string]string {
	if next == "" {
		return nil
	}
	query := url.Values{"cursor": {string(next)}, "limit": {strconv.Itoa(page.Limit)}}
	for i := 0; i+1 < len(others); i += 2 {
		if others[i+1] != "" {
			query.Set(others[i], others[i+1])
		}
	}
	return map[string]string{"Link": "<?" + query.Encode() + `>; rel="next"`}
}

// Refusal turns store.ErrCursor into INVALID_PARAMETER and returns any other error
// unchanged.
func Refusal(err error) error {
	if errors.Is(err, store.ErrCursor) {
		return problem.InvalidParameter.WithDetail("cursor does not come from this list")
	}
	return err
}
