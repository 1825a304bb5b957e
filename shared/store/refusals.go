package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
)

// RefuseSignIn counts a refused sign-in or proof in the log of an account: e is audit.RefusedSignIn or
// audit.RefusedProof. Where nobody
// has the e-mail address, userID is "", and the same calls write an item of nobody's. So who is refused
// cannot tell, in time either, whether the account exists.
//
// The login is checked with the count, so that no entry comes after a user was erased (Erase). Each
// refusal counts once, also if its answer is lost: it is a transaction with a token.
func (s *Store) RefuseSignIn(ctx context.Context, userID, email string, e audit.Entry) error {
	place, check := auditKey(userPartition(userID), e.ID), types.ConditionCheck{
		TableName: &s.table, Key: emailKey(email),
		ConditionExpression: aws.String("user_id = :id"), ExpressionAttributeValues: item{":id": str(userID)},
	}
	record, err := marshal(ofAccount(userID, e))
	if userID == "" {
		place = refusedKey(email, e.Address, e.ID)
		check.ConditionExpression, check.ExpressionAttributeValues = aws.String(ifAbsent), nil
		record = item{attrExpiresAt: num(e.At.Add(2 * longestWindow).Unix())}
	}
	if err != nil {
		return err
	}
	delete(record, "use_count")
	var sets []string
	names, values := map[string]string{}, item{":one": num(1)}
	for _, name := range slices.Sorted(maps.Keys(record)) {
		sets = append(sets, "#"+name+" = if_not_exists(#"+name+", :"+name+")")
		names["#"+name], values[":"+name] = name, record[name]
	}
	_, err = s.transact(ctx, "count a refused sign-in", types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: place,
		UpdateExpression:         aws.String("SET " + strings.Join(sets, ", ") + " ADD use_count :one"),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}, types.TransactWriteItem{ConditionCheck: &check})
	if errors.Is(err, errCondition) { // the user was registered or deleted at this moment
		return nil
	}
	return err
}
