package store

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/scope"
)

// A publishedCatalogue is the one item with the deployer's own scopes.
type publishedCatalogue struct {
	Revision    int       `dynamodbav:"revision"` // from 1
	Text        string    `dynamodbav:"text"`     // JSON, which the catalogue's rules have accepted
	PublishedAt time.Time `dynamodbav:"published_at"`
}

// FollowCatalogue makes the scopes of this process those that are published in the table, where the
// deployment has such (CATALOGUE). FromEnv does it too. It makes no call.
func FollowCatalogue(e *env.Reader) {
	if os.Getenv("CATALOGUE") != "" {
		FromEnv(e)
	}
}

// Catalogue returns the published catalogue. Error: ErrNotFound.
func (s *Store) Catalogue(ctx context.Context) (scope.Published, error) {
	found, err := get[publishedCatalogue](ctx, s, catalogueKey())
	return scope.Published{Revision: found.Revision, Text: found.Text}, err
}

// PublishCatalogue replaces the published catalogue, if it has the revision before that of c: 0 if there
// is none. Error: ErrConflict, if it has another by now.
func (s *Store) PublishCatalogue(ctx context.Context, c scope.Published, now time.Time) error {
	it, err := marshal(publishedCatalogue{c.Revision, c.Text, now}, catalogueKey())
	if err != nil {
		return err
	}
	_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: it,
		ConditionExpression:       aws.String("revision = :before OR attribute_not_exists(pk) AND :before = :none"),
		ExpressionAttributeValues: item{":before": num(c.Revision - 1), ":none": num(0)},
	})
	return conditional("publish the catalogue", err, ErrConflict)
}
