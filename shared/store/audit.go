package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
)

// of is an entry of that key's log.
func of(k apikey.Key, e audit.Entry) audit.Entry {
	e.KeyID, e.Owner, e.Project = k.ID, k.Owner, k.Project
	return e
}

func entryItem(k apikey.Key, e audit.Entry) (item, error) {
	return marshal(of(k, e), auditKey(keyPartition(k.ID), e.ID))
}

// PutEntry adds an entry that records no change of the key itself (token_issued).
func (s *Store) PutEntry(ctx context.Context, k apikey.Key, e audit.Entry) error {
	it, err := entryItem(k, e)
	if err != nil {
		return err
	}
	return s.putNew(ctx, it)
}

// EntryOf reads an entry in the JSON of DynamoDB, as a stream of the table has it.
func EntryOf(image []byte) (audit.Entry, error) {
	it, err := attributevalue.UnmarshalMapJSON(image)
	if err != nil {
		return audit.Entry{}, failed("read an item of a stream", err)
	}
	return unmarshal[audit.Entry](it)
}
