package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Bounds on what an owner has. They are counted in the index, which follows the table a moment later,
// and not in a number beside it, which would be wrong after DynamoDB removes what has expired. So
// requests at the same moment can pass the bound by a few.

// HasKeys reports whether an owner has that many keys, revoked and expired ones included.
func (s *Store) HasKeys(ctx context.Context, owner string, many int) (bool, error) {
	return s.has(ctx, owner, keys, many)
}

// HasProjects reports whether an owner has that many projects.
func (s *Store) HasProjects(ctx context.Context, owner string, many int) (bool, error) {
	return s.has(ctx, owner, projects, many)
}

func (s *Store) has(ctx context.Context, owner string, k kind, many int) (bool, error) {
	in := &dynamodb.QueryInput{
		TableName: &s.table, IndexName: aws.String(indexByOwner), Select: types.SelectCount,
		KeyConditionExpression:    aws.String("by_owner_pk = :owner"),
		ExpressionAttributeValues: item{":owner": str(owner + "#" + string(k))},
	}
	for found := 0; ; {
		in.Limit = aws.Int32(int32(many - found))
		out, err := s.query(ctx, in)
		if err != nil {
			return false, err
		}
		if found += int(out.Count); found >= many {
			return true, nil
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
			return false, nil
		}
	}
}

// EndOldestSessions ends the sessions of a user but the newest.
func (s *Store) EndOldestSessions(ctx context.Context, userID string, keep int) error {
	page, passed := Page{Limit: 100}, 0
	for {
		places, next, err := s.placesOf(ctx, userID, sessions, page)
		if err != nil {
			return err
		}
		for _, place := range places {
			if passed++; passed <= keep {
				continue
			}
			if err := orNone(s.deleteOwned(ctx, endSession, place, userID)); err != nil {
				return err
			}
		}
		if page.After = next; next == "" {
			return nil
		}
	}
}
