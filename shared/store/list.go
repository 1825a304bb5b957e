package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// A Page selects at most Limit (1 to 100) items of a list, after a cursor.
type Page struct {
	After Cursor
	Limit int
}

// A Cursor is the place after the last item of a page. Callers send it back unchanged. "" is the
// start of a list, and in an answer the end. A Cursor names a place in the order, so items that
// come or go meanwhile neither repeat nor hide others.
type Cursor string

// maxCursor is longer than any cursor, and too short for a key beyond DynamoDB's limits.
const maxCursor = 1000

// ErrCursor reports a cursor that does not come from this list.
var ErrCursor = errors.New("not a cursor of this list")

func cursorOf(place item) (Cursor, error) {
	if place == nil {
		return "", nil
	}
	var doc map[string]string
	if err := attributevalue.UnmarshalMap(place, &doc); err != nil {
		return "", failed("make a cursor", err)
	}
	text, err := json.Marshal(doc)
	return Cursor(base64.RawURLEncoding.EncodeToString(text)), failed("make a cursor", err)
}

// place returns the cursor's place in the list of that partition. It returns ErrCursor for a
// cursor of another list.
func (c Cursor) place(partitionAttr, partition string) (item, error) {
	if c == "" {
		return nil, nil
	}
	if len(c) > maxCursor {
		return nil, ErrCursor
	}
	text, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil {
		return nil, ErrCursor
	}
	var doc map[string]string
	if json.Unmarshal(text, &doc) != nil || doc[partitionAttr] != partition {
		return nil, ErrCursor
	}
	place := item{}
	for name, value := range doc {
		if value == "" {
			return nil, ErrCursor
		}
		switch name {
		case attrPK, attrSK, attrOwnerPK, attrOwnerSK:
			place[name] = str(value)
		default:
			return nil, ErrCursor
		}
	}
	want := 2
	if partitionAttr == attrOwnerPK {
		want = 4
	}
	if len(place) != want {
		return nil, ErrCursor
	}
	return place, nil
}

// query reads a page. It returns ErrCursor if DynamoDB refuses the start, because then somebody
// invented the cursor.
func (s *Store) query(ctx context.Context, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return nil, cursorOr("query a page of a list", in.ExclusiveStartKey, err)
	}
	return out, nil
}

// cursorOr returns ErrCursor if DynamoDB refuses the start of a list, and otherwise what failed.
func cursorOr(attempt string, start item, err error) error {
	var api smithy.APIError
	if start != nil && errors.As(err, &api) && api.ErrorCode() == "ValidationException" {
		return ErrCursor
	}
	return failed(attempt, err)
}

// placesOf reads a page of the primary keys of an owner's items of one kind, newest first.
func (s *Store) placesOf(ctx context.Context, owner string, k kind, page Page) ([]item, Cursor, error) {
	partition := owner + "#" + string(k)
	start, err := page.After.place(attrOwnerPK, partition)
	if err != nil {
		return nil, "", err
	}
	out, err := s.query(ctx, &dynamodb.QueryInput{
		TableName: &s.table, IndexName: aws.String(indexByOwner),
		KeyConditionExpression:    aws.String("by_owner_pk = :owner"),
		ExpressionAttributeValues: item{":owner": str(partition)},
		ScanIndexForward:          aws.Bool(false),
		Limit:                     aws.Int32(int32(page.Limit)),
		ExclusiveStartKey:         start,
	})
	if err != nil {
		return nil, "", err
	}
	var places []item
	for _, it := range out.Items {
		places = append(places, item{attrPK: it[attrPK], attrSK: str(string(k))})
	}
	next, err := cursorOf(out.LastEvaluatedKey)
	return places, next, err
}

// listOwned reads a page of what an owner has of a kind, in no order. Items that have gone
// since they were indexed are left out.
func listOwned[T any](ctx context.Context, s *Store, owner string, k kind, page Page) ([]T, Cursor, error) {
	wanted, next, err := s.placesOf(ctx, owner, k, page)
	if err != nil {
		return nil, "", err
	}
	list, err := getAll[T](ctx, s, wanted)
	return list, next, err
}

// getAll reads records, strongly consistent, in no order.
func getAll[T any](ctx context.Context, s *Store, wanted []item) ([]T, error) {
	items, err := s.batchGet(ctx, wanted)
	if err != nil {
		return nil, err
	}
	list := make([]T, 0, len(items))
	for _, it := range items {
		record, err := unmarshal[T](it)
		if err != nil {
			return nil, err
		}
		list = append(list, record)
	}
	return list, nil
}

// scan reads the table or an index whole, page by page. It is for an operator, and for a rotation: it
// costs as much as there is.
func (s *Store) scan(ctx context.Context, attempt string, in dynamodb.ScanInput, do func(page []item) error) error {
	in.TableName = &s.table
	pages := dynamodb.NewScanPaginator(s.db, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return failed(attempt, err)
		}
		if err := do(page.Items); err != nil {
			return err
		}
	}
	return nil
}

// mostGets is how many items one BatchGetItem reads.
const mostGets = 100

// batchGet reads items, strongly consistent, in no particular order.
func (s *Store) batchGet(ctx context.Context, wanted []item) ([]item, error) {
	var items []item
	for tries := 0; len(wanted) > 0; {
		n := min(len(wanted), mostGets)
		out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{
				s.table: {Keys: wanted[:n], ConsistentRead: aws.Bool(true)},
			},
		})
		if err != nil {
			return nil, failed("read the items of a list", err)
		}
		items = append(items, out.Responses[s.table]...)
		unfinished := out.UnprocessedKeys[s.table].Keys
		wanted = append(unfinished, wanted[n:]...)
		if len(unfinished) == 0 {
			continue
		}
		if tries++; tries == 5 {
			return nil, errors.New("failed to read the items of a list: some stayed unread after five attempts")
		}
		if err := pause(ctx, time.Duration(tries*tries)*20*time.Millisecond); err != nil {
			return nil, failed("read the items of a list in time", err)
		}
	}
	return items, nil
}

// OrNil returns the cursor for JSON: nil at the end of the list.
func (c Cursor) OrNil() *Cursor {
	if c == "" {
		return nil
	}
	return &c
}
