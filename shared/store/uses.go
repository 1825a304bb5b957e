package store

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
)

// mostItems is how many items one transaction adds to: it has at most 100, and one is for the
// numbers counted.
const mostItems = 99

// CountUses adds uses to the entries of their keys' logs, which are kept for retention, and to the
// sums (sums.go), and returns how many it added. Each use is added exactly once, in however many
// batches, in whatever order and how often it comes: the item COUNTED#<process> has the numbers of
// the process's uses that are counted, and changes in the same transaction as the entries and sums.
// That item is kept until forget, when no batch with those uses can come any more.
//
// It tries until ctx ends. After an error some of the uses may be counted; bring all of
// them again.
func (s *Store) CountUses(ctx context.Context, uses []audit.Use, retention time.Duration, forget time.Time) (int, error) {
	byProcess := map[string][]audit.Use{}
	for _, u := range uses {
		byProcess[u.Process] = append(byProcess[u.Process], u)
	}
	counted := 0
	for process, uses := range byProcess {
		for more := true; more; {
			err := patiently(ctx, func() error {
				n, left, err := s.countSome(ctx, process, uses, retention, forget)
				counted, more = counted+n, left
				return err
			})
			if err != nil {
				return counted, err
			}
		}
	}
	return counted, nil
}

// longestPause bounds how long patiently waits between two attempts.
const longestPause = time.Second

// patiently repeats what others do to the same items, until it succeeds or ctx ends. Whoever
// meets others waits longer each time, and each for another time.
func patiently(ctx context.Context, do func() error) error {
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, longestPause) {
		err := do()
		if err == nil || pause(ctx, wait) != nil {
			return err
		}
	}
}

// countSome counts as many of a process's uses as one transaction holds. It returns their
// number, and whether some are left.
func (s *Store) countSome(ctx context.Context, process string, uses []audit.Use, retention time.Duration, forget time.Time) (n int, left bool, err error) {
	was, err := get[countedItem](ctx, s, countedKey(process))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, false, err
	}
	b, err := newBatch(was)
	if err != nil {
		return 0, false, err
	}
	for _, u := range uses {
		left = !b.add(u, retention) || left
	}
	if b.uses == 0 {
		return 0, false, nil
	}
	writes := []types.TransactWriteItem{s.setCounted(process, was, b.counted(), forget)}
	for _, e := range b.entries {
		write, err := s.addToEntry(e)
		if err != nil {
			return 0, false, err
		}
		writes = append(writes, write)
	}
	for place, sum := range b.sums {
		writes = append(writes, s.addToSum(place, sum))
	}
	if _, err := s.transactOnce(ctx, "count uses", writes...); err != nil {
		return 0, false, err
	}
	return b.uses, left, nil
}

// countedItem is COUNTED#<process>. A release before there were sums knew only the first: so what it
// counted is in no sum until it comes again.
type countedItem struct {
	Numbers string `dynamodbav:"numbers"` // of the uses in the entries
	Summed  string `dynamodbav:"summed"`  // of those in the sums
}

// setCounted replaces both sets of numbers, if they are as they were.
func (s *Store) setCounted(process string, was, now countedItem, forget time.Time) types.TransactWriteItem {
	values := item{":numbers": str(now.Numbers), ":summed": str(now.Summed), ":forget": num(forget.Unix())}
	as := func(name, was string) string {
		if was == "" {
			return "attribute_not_exists(" + name + ")"
		}
		values[":was_"+name] = str(was)
		return name + " = :was_" + name
	}
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: countedKey(process),
		UpdateExpression:          aws.String("SET numbers = :numbers, summed = :summed, expires_at = :forget"),
		ConditionExpression:       aws.String(as("numbers", was.Numbers) + " AND " + as("summed", was.Summed)),
		ExpressionAttributeValues: values,
	}}
}

// addToEntry adds the counts of e to the entry of its id, which it makes if need be.
func (s *Store) addToEntry(e audit.Entry) (types.TransactWriteItem, error) {
	once, err := marshal(e)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	delete(once, "use_count")
	delete(once, "refusals")
	update := "ADD use_count :count, refusals :refusals SET "
	names := map[string]string{}
	values := item{":count": num(e.Count), ":refusals": num(e.Refusals)}
	sep := ""
	for name, value := range once {
		names["#"+name], values[":"+name] = name, value
		update += sep + "#" + name + " = if_not_exists(#" + name + ", :" + name + ")"
		sep = ", "
	}
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: useKey(e.KeyID, e.ID), UpdateExpression: &update,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}, nil
}
