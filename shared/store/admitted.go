package store

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A user who is disabled keeps no session and no key, however many others make one for them at that
// moment. Checks of credentials never read the user, so this is settled when one is made:
//
//	make     one transaction: the session or key, NEW# in the user's partition, and a check that the
//	         user is not disabled
//	disable  first the user's item says so: what is made after that is refused. Then everything ends
//	         that NEW# and the index have
//
// NEW# is there because an index follows its table a little later, and nothing says how much. Its
// partition is read strongly consistent. So what was made before the user's item changed is in NEW#,
// or is a day old and in the index.

// justMadeFor is how long NEW# has a session or key: far longer than an index can lag.
const justMadeFor = 24 * time.Hour

// admitted has the writes, for a transaction, that go with a session or key that is made for a user.
// It cannot be made for one who is disabled or, where a role is named, has another. Users of whom
// there is no item are those of tests: a user who is deleted leaves one that is disabled.
func (s *Store) admitted(userID, role string, k kind, id string, now time.Time) []types.TransactWriteItem {
	return []types.TransactWriteItem{s.mayHave(userID, role), s.justMade(userID, k, id, now)}
}

// justMade writes NEW#.
func (s *Store) justMade(userID string, k kind, id string, now time.Time) types.TransactWriteItem {
	it := justMadeKey(userID, k, id)
	it[attrExpiresAt] = num(now.Add(justMadeFor).Unix())
	return types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: it}}
}

// mayHave is the check of admitted alone.
func (s *Store) mayHave(userID, role string) types.TransactWriteItem {
	check := types.ConditionCheck{
		TableName: &s.table, Key: userKey(userID), ConditionExpression: aws.String(notDisabled),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if role != "" {
		check.ConditionExpression = aws.String(notDisabled + " AND (attribute_not_exists(pk) OR #role = :role)")
		check.ExpressionAttributeNames = map[string]string{"#role": "role"}
		check.ExpressionAttributeValues = item{":role": str(role)}
	}
	return types.TransactWriteItem{ConditionCheck: &check}
}

const notDisabled = "attribute_not_exists(disabled_at)"

// notAdmitted reports whether what a condition found is a user or a customer, who may have nothing more.
func notAdmitted(found item) bool {
	pk := text(found, attrPK)
	return strings.HasPrefix(pk, "USER#") || strings.HasPrefix(pk, "CUSTOMER#")
}
