package store

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
)

// Lists of what all owners have are scans of an index: in no order, and each entry is read once, also
// those that the list leaves out. An administrator asks for them now and then; an index of their own
// would cost a write with each key.

// Bounds of one page: what a scan reads at once, and how often it goes on. A page may be short, or
// empty, and yet have a next one.
const (
	scanPage  = 2000
	scanPages = 8
)

// AllKeys lists the keys of all owners, in no order.
func (s *Store) AllKeys(ctx context.Context, page Page) ([]apikey.Key, Cursor, error) {
	places, next, err := s.search(ctx, "find all keys", page, dynamodb.ScanInput{
		IndexName:                 aws.String(indexByOwner),
		FilterExpression:          aws.String("sk = :key"),
		ExpressionAttributeValues: item{":key": str(keySort)},
	})
	if err != nil {
		return nil, "", err
	}
	list, err := getAll[apikey.Key](ctx, s, primaryKeys(places))
	return list, next, err
}

// search reads a page of what a scan of an index finds.
func (s *Store) search(ctx context.Context, attempt string, page Page, in dynamodb.ScanInput) (found []item, next Cursor, err error) {
	in.TableName, in.Limit = &s.table, aws.Int32(scanPage)
	if in.ExclusiveStartKey, err = page.After.searched(*in.IndexName); err != nil {
		return nil, "", err
	}
	for range scanPages {
		out, err := s.db.Scan(ctx, &in)
		if err != nil {
			return nil, "", cursorOr(attempt, in.ExclusiveStartKey, err)
		}
		found = append(found, out.Items...)
		in.ExclusiveStartKey = out.LastEvaluatedKey
		if len(found) > page.Limit {
			found = found[:page.Limit]
			in.ExclusiveStartKey = found[page.Limit-1]
		}
		if in.ExclusiveStartKey == nil || len(found) >= page.Limit {
			break
		}
	}
	next, err = searchCursor(*in.IndexName, in.ExclusiveStartKey)
	return found, next, err
}

// placeInSearch is what a cursor of a search has, so that no other list takes it and it takes no
// other's.
type placeInSearch struct {
	Index string            `json:"search"`
	Key   map[string]string `json:"key"`
}

func searchCursor(index string, at item) (Cursor, error) {
	if at == nil {
		return "", nil
	}
	place := placeInSearch{Index: index}
	if err := attributevalue.UnmarshalMap(at, &place.Key); err != nil {
		return "", failed("make a cursor", err)
	}
	text, err := json.Marshal(place)
	return Cursor(base64.RawURLEncoding.EncodeToString(text)), failed("make a cursor", err)
}

// searched returns the cursor's place in that index, or ErrCursor.
func (c Cursor) searched(index string) (item, error) {
	if c == "" {
		return nil, nil
	}
	if len(c) > maxCursor {
		return nil, ErrCursor
	}
	text, err := base64.RawURLEncoding.DecodeString(string(c))
	var place placeInSearch
	if err != nil || json.Unmarshal(text, &place) != nil || place.Index != index || len(place.Key) == 0 {
		return nil, ErrCursor
	}
	at := item{}
	for name, value := range place.Key {
		if value == "" {
			return nil, ErrCursor
		}
		at[name] = &types.AttributeValueMemberS{Value: value}
	}
	return at, nil
}

// primaryKeys returns the primary keys of an index's entries.
func primaryKeys(entries []item) []item {
	keys := make([]item, 0, len(entries))
	for _, it := range entries {
		keys = append(keys, item{attrPK: it[attrPK], attrSK: it[attrSK]})
	}
	return keys
}
