package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey/latchkey/shared/user"
)

// Users lists the users in whose e-mail address a text is, or everybody for "". A page is in order of
// the addresses, the pages are in none. A page may be short, or empty, and yet have a next one.
func (s *Store) Users(ctx context.Context, within string, page Page) ([]user.User, Cursor, error) {
	in := dynamodb.ScanInput{IndexName: aws.String(indexByUser)}
	if within = strings.ToLower(within); within != "" {
		in.FilterExpression = aws.String("contains(pk, :within)")
		in.ExpressionAttributeValues = item{":within": str(within)}
	}
	logins, next, err := s.search(ctx, "find users", page, in)
	if err != nil {
		return nil, "", err
	}
	var wanted []item
	for _, it := range logins {
		wanted = append(wanted, userKey(text(it, attrUserID)))
	}
	list, err := getAll[user.User](ctx, s, wanted)
	list = slices.DeleteFunc(list, func(u user.User) bool {
		return u.DeletedAt != nil || !strings.Contains(u.Email, within) // what is in pk may be in "EMAIL#"
	})
	slices.SortFunc(list, func(a, b user.User) int { return cmp.Compare(a.Email, b.Email) })
	return list, next, err
}
