package store

import (
	"context"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
)

// of is an entry of that key's log.
func of(k apikey.Key, e audit.Entry) audit.Entry {
	e.KeyID, e.Owner, e.Project = k.ID, k.Owner, k.Project
	return e
}

func entryItem(k apikey.Key, e audit.Entry) (item, error) {
	return marshal(of(k, e), auditKey(k.ID, e.ID))
}

// PutEntry adds an entry that records no change of the key itself (token_issued).
func (s *Store) PutEntry(ctx context.Context, k apikey.Key, e audit.Entry) error {
	it, err := entryItem(k, e)
	if err != nil {
		return err
	}
	return s.putNew(ctx, it)
}
