// Package paging reads which page of a list a caller asks for, and words the refusal of
// a cursor.
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

// Link is the header that names the page after page, which ended at next, with the other query
// parameters that the list was asked with (name, value, …; an empty value is left out). None if
// there is no further page. The address is relative, so that it holds behind any host, stage or
// base path (RFC 8288 §3.1).
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
		return problem.InvalidParameter.WithDetail("cursor is not one that this list gave out")
	}
	return err
}
