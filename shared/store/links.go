package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/user"
)

// attrLink is the attribute of a user that has the newest link of a purpose (user.User).
func attrLink(p link.Purpose) string { return string(p) + "_link" }

// SetLink makes a link of a user the only one of its purpose. Error: ErrConflict if the user is disabled or
// deleted.
func (s *Store) SetLink(ctx context.Context, userID string, p link.Purpose, l link.Link) error {
	value, err := attributevalue.Marshal(l)
	if err != nil {
		return failed("marshal a link", err)
	}
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: userKey(userID),
		UpdateExpression:          aws.String("SET #link = :link"),
		ConditionExpression:       aws.String(ifPresent + " AND " + notDisabled),
		ExpressionAttributeNames:  map[string]string{"#link": attrLink(p)},
		ExpressionAttributeValues: item{":link": value},
	})
	return conditional("make a link", err, ErrConflict)
}

// MakeLink is SetLink for somebody who makes the link for the user, as they were read, whose log gets e.
func (s *Store) MakeLink(ctx context.Context, u user.User, p link.Purpose, l link.Link, e audit.Entry) error {
	value, err := attributevalue.Marshal(l)
	if err != nil {
		return failed("marshal a link", err)
	}
	return s.updateLogged(ctx, "make a link", u, types.Update{
		UpdateExpression:          aws.String("SET #link = :link"),
		ConditionExpression:       aws.String(ifPresent + " AND " + notDisabled),
		ExpressionAttributeNames:  map[string]string{"#link": attrLink(p)},
		ExpressionAttributeValues: item{":link": value},
	}, e)
}

// VerifyAddress notes that a user, as they were read, reads mail to their address, and uses their link up. Error: ErrConflict if
// it was used, or is not the newest, or the user is disabled or deleted.
func (s *Store) VerifyAddress(ctx context.Context, u user.User, l link.Link, e audit.Entry, now time.Time) error {
	return s.updateLogged(ctx, "verify an e-mail address", u, types.Update{
		UpdateExpression:          aws.String("SET verified_at = :now REMOVE #link"),
		ConditionExpression:       aws.String("#link.#hash = :hash AND " + notDisabled),
		ExpressionAttributeNames:  map[string]string{"#link": attrLink(link.Verification), "#hash": "hash"},
		ExpressionAttributeValues: item{":hash": str(l.Hash), ":now": str(now.UTC().Format(time.RFC3339Nano))},
	}, e)
}
