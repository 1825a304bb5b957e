package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/run"
)

// appendTime is how long an append competes with others for the next numbers: less than
// the function's time, so that the caller gets an answer.
const appendTime = 7 * time.Second

// CreateRun writes a new run, and its places in the lists of its project and its owner.
func (s *Store) CreateRun(ctx context.Context, r run.Run) error {
	it, err := marshal(r, runKey(r.ID), owned(r.Project, runs, r.CreatedAt, r.ID))
	if err != nil {
		return err
	}
	place, err := marshal(struct {
		ExpiresAt int64 `dynamodbav:"expires_at"`
	}{r.ExpiresAt}, runOwnerKey(r.ID), owned(r.Owner, runs, r.CreatedAt, r.ID))
	if err != nil {
		return err
	}
	_, err = s.transact(ctx, "create a run",
		types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: it, ConditionExpression: aws.String(ifAbsent)}},
		types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: place, ConditionExpression: aws.String(ifAbsent)}})
	if errors.Is(err, errCondition) {
		return nil // the id is random: an earlier attempt of this same call wrote both
	}
	return err
}

// Run reads a run. Error: ErrNotFound.
func (s *Store) Run(ctx context.Context, id string, now time.Time) (run.Run, error) {
	r, err := get[run.Run](ctx, s, runKey(id))
	if err == nil && r.ExpiresAt <= now.Unix() {
		return run.Run{}, ErrNotFound
	}
	return r, err
}

// Runs lists the runs of the project or user with the id of, newest first. A page is empty only
// at the end: expired runs that are not deleted yet are left out.
func (s *Store) Runs(ctx context.Context, of string, page Page, now time.Time) ([]run.Run, Cursor, error) {
	for {
		list, next, err := listOwned[run.Run](ctx, s, of, runs, page)
		list = slices.DeleteFunc(list, func(r run.Run) bool { return r.ExpiresAt <= now.Unix() })
		if err != nil || len(list) > 0 || next == "" {
			slices.SortStableFunc(list, func(a, b run.Run) int { return b.CreatedAt.Compare(a.CreatedAt) })
			return list, next, err
		}
		page.After = next
	}
}

// AppendEvents gives events the next numbers of a run, which may have been read long
// ago. Errors: ErrConflict, the run has ended; ErrDuplicate, another append had the same
// Once.ID; ErrNotFound. Repeating an append that is to happen Once returns the receipt
// of the first time, also if the run has ended since.
func (s *Store) AppendEvents(ctx context.Context, r run.Run, a run.Append) (run.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, appendTime)
	defer cancel()
	for tries := 0; ; tries++ {
		receipt, found, err := s.tryAppend(ctx, r, a)
		switch {
		case err == nil:
			return receipt, nil
		case passing(err): // others are at it; nothing was written
			if pause(ctx, 10*time.Millisecond<<min(tries, 4)) != nil {
				return receipt, err
			}
			if r, err = get[run.Run](ctx, s, runKey(r.ID)); err != nil { // theirs are written by now
				return receipt, err
			}
		case !errors.Is(err, errCondition):
			return receipt, err
		case found == nil:
			return receipt, ErrNotFound
		case isReceipt(found):
			return sameReceipt(found, a)
		default:
			if r, err = unmarshal[run.Run](found); err != nil {
				return receipt, err
			}
			if r.Finished() {
				return receipt, ErrConflict
			}
		}
	}
}

// tryAppend appends if nothing was appended since r was read. The receipt's condition comes
// first, so its result is the one that is returned.
func (s *Store) tryAppend(ctx context.Context, r run.Run, a run.Append) (run.Receipt, item, error) {
	next, batch, receipt := r.Take(a)
	var writes []types.TransactWriteItem
	if a.Once != nil {
		it, err := marshal(receipt, receiptKey(r.ID, a.Once.ID))
		if err != nil {
			return receipt, nil, err
		}
		writes = append(writes, types.TransactWriteItem{Put: &types.Put{
			TableName: &s.table, Item: it, ConditionExpression: aws.String(ifAbsent),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}})
	}
	events, err := marshal(batch, eventKey(r.ID, batch.Last))
	if err != nil {
		return receipt, nil, err
	}
	writes = append(writes, types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: runKey(r.ID),
		UpdateExpression:    aws.String("SET last_seq = :next, last_at = :at, run_status = :status"),
		ConditionExpression: aws.String("last_seq = :was AND run_status = :running"),
		ExpressionAttributeValues: item{
			":was": num(r.LastSeq), ":next": num(next.LastSeq), ":running": str(run.Running),
			":status": str(next.Status), ":at": str(next.LastAt.Format(time.RFC3339Nano)),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, types.TransactWriteItem{Put: &types.Put{
		TableName: &s.table, Item: events, ConditionExpression: aws.String(ifAbsent),
	}})
	found, err := s.transactOnce(ctx, "append events to a run", writes...)
	return receipt, found, err
}

func isReceipt(it item) bool {
	return strings.HasPrefix(text(it, attrSK), receiptPrefix)
}

func sameReceipt(found item, a run.Append) (run.Receipt, error) {
	receipt, err := unmarshal[run.Receipt](found)
	if err == nil && receipt.Digest != a.Once.Digest {
		return receipt, ErrDuplicate
	}
	return receipt, err
}

// Events reads batches of a run's events, oldest first, from the one that has the event
// after `after` to one that has the limit-th from there, as far as r knows of and as far
// as one call reads (1 MB). Where there is nothing newer it makes no call.
func (s *Store) Events(ctx context.Context, r run.Run, after, limit int) ([]run.Batch, error) {
	if after >= r.LastSeq {
		return nil, nil
	}
	from, to := eventKey(r.ID, after+1), eventKey(r.ID, min(r.LastSeq, after+limit+run.MaxEvents))
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": from[attrPK], ":from": from[attrSK], ":to": to[attrSK]},
	})
	if err != nil {
		return nil, failed("query the events of a run", err)
	}
	batches := make([]run.Batch, 0, len(out.Items))
	for _, it := range out.Items {
		b, err := unmarshal[run.Batch](it)
		if err != nil {
			return nil, err
		}
		batches = append(batches, b)
	}
	return batches, nil
}
