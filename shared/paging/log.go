package paging

import (
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

// Log answers with a page of the log of a key or an account, whose chain has that head. err is that of
// reading the page.
func Log(entries []audit.Entry, next store.Cursor, head audit.Head, err error) (gateway.Response, error) {
	if err != nil {
		return gateway.Response{}, Refusal(err)
	}
	return gateway.JSON(200, struct {
		Entries    []audit.Entry `json:"entries"`
		NextCursor *store.Cursor `json:"next_cursor"`
		Head       *audit.Head   `json:"head"`
	}{entries, next.OrNil(), head.OrNil()}), nil
}
