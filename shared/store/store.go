// Package store keeps everything in one DynamoDB table. schema.go shows its layout.
//
// Every read that decides about access is strongly consistent. Every change of state is one
// conditional write or one transaction: after an error, either all of it has happened or nothing.
// All methods may be called concurrently.
package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/scope"
)

// Errors that callers distinguish.
var (
	ErrNotFound  = errors.New("not found")
	ErrDuplicate = errors.New("already exists")
	ErrConflict  = errors.New("state does not allow it")
)

// A Store is the table. Make one per process.
type Store struct {
	db    *dynamodb.Client
	table string

	repeatsAll    *retry.Standard // the SDK's rules for repeating a call
	repeatsUndone *retry.Standard // the same, for calls that must not be done twice
	uncounted     *names          // customers on whom nothing is counted, see admitShared
}

// Limits of one call, chosen so that all attempts end before the function's time does
// and the caller gets an answer.
const (
	attemptTimeout = 2 * time.Second
	attempts       = 3
)

// FromEnv opens the table named by TABLE_NAME. It makes no call. Where the deployment has a published
// catalogue of scopes (CATALOGUE), the process follows it from now on.
func FromEnv(e *env.Reader) *Store {
	s := New(awsenv.Config("DYNAMODB"), e.Required("TABLE_NAME"))
	if os.Getenv("CATALOGUE") != "" {
		scope.Follow(s.Catalogue)
	}
	return s
}

// New opens a table with that configuration. It makes no call.
func New(cfg aws.Config, table string) *Store {
	s := &Store{
		table:         table,
		uncounted:     &names{},
		repeatsAll:    repeating(func(*retry.StandardOptions) {}),
		repeatsUndone: repeating(func(o *retry.StandardOptions) { o.Retryables = undone }),
	}
	s.db = dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		if cfg.HTTPClient == nil { // a test may have one
			o.HTTPClient = newClient()
		}
		o.Retryer = s.repeatsAll
		o.DisableValidateResponseChecksum = true // wholeAnswers does it
		o.APIOptions = append(o.APIOptions, competing, wholeAnswers)
		o.EndpointResolverV2 = endpointOf(*o)
	})
	return s
}

func repeating(change func(*retry.StandardOptions)) *retry.Standard {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.MaxBackoff = 500 * time.Millisecond
		change(o)
	})
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func num[T int | int64](n T) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
}

// text returns a text attribute, or "".
func text(it item, name string) string {
	if s, ok := it[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// marshal returns the item of a record: its attributes, its key, and its place in by_owner.
func marshal(record any, parts ...item) (item, error) {
	out, err := attributevalue.MarshalMap(record)
	if err != nil {
		return nil, fmt.Errorf("failed to marshal a %T: %w", record, err)
	}
	for _, part := range parts {
		for name, value := range part {
			out[name] = value
		}
	}
	return out, nil
}

func unmarshal[T any](it item) (T, error) {
	var record T
	if err := attributevalue.UnmarshalMap(inPlace(it), &record); err != nil {
		return record, fmt.Errorf("failed to read an item as a %T: %w", record, err)
	}
	return record, nil
}

// get reads one record, strongly consistent. Error: ErrNotFound.
func get[T any](ctx context.Context, s *Store, key item) (T, error) {
	var none T
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: key, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return none, failed("read the "+nameOf(key), err)
	}
	if out.Item == nil {
		return none, ErrNotFound
	}
	return unmarshal[T](out.Item)
}

// putNew writes an item whose id has 80 random bits or more. If an item with that id exists, an
// earlier attempt of the same call wrote it and the answer was lost.
func (s *Store) putNew(ctx context.Context, it item) error {
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: it, ConditionExpression: aws.String(ifAbsent),
	})
	return conditional("write a new "+nameOf(it), err, nil)
}

const (
	ifAbsent  = "attribute_not_exists(pk)"
	ifPresent = "attribute_exists(pk)"
)

// failed wraps an error, if there is one, with what was attempted.
func failed(attempt string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("failed to %s: %w", attempt, err)
}

// conditional is failed for a write with a condition. It returns unmet if the condition did not hold.
func conditional(attempt string, err, unmet error) error {
	if errors.As(err, new(*types.ConditionalCheckFailedException)) {
		return unmet
	}
	return failed(attempt, err)
}

// nameOf is what an item is, for errors: "key item", "audit item". Ids and addresses stay
// out of the log.
func nameOf(it item) string {
	for _, attr := range []string{attrSK, attrPK} {
		if kind, _, found := strings.Cut(text(it, attr), "#"); found {
			return strings.ToLower(kind) + " item"
		}
	}
	return "item"
}
