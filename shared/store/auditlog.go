package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/oklog/ulid/v2"

	"github.com/latchkey/latchkey/shared/audit"
)

// A key's log is in two partitions: its lifecycle with the key, so that both change in one
// transaction, and its uses by themselves, so that counting them takes nothing from the
// writes that the key's own partition bears. Ids are ULIDs: the log is both, by id.

// AuditLog reads a page of a key's log, newest first. The log outlives the key.
func (s *Store) AuditLog(ctx context.Context, keyID string, page Page, now time.Time) ([]audit.Entry, Cursor, error) {
	before, err := page.After.entryID(keyPartition(keyID))
	if err != nil {
		return nil, "", err
	}
	var all sync.WaitGroup
	var lifecycle, uses stretch
	all.Go(func() { lifecycle = s.stretch(ctx, keyPartition(keyID), auditPrefix, before, page.Limit) })
	all.Go(func() { uses = s.stretch(ctx, usesPartition(keyID), usePrefix, before, page.Limit) })
	all.Wait()
	if err := errors.Join(lifecycle.err, uses.err); err != nil {
		return nil, "", err
	}
	merged := append(lifecycle.entries, uses.entries...)
	slices.SortFunc(merged, func(a, b audit.Entry) int { return cmp.Compare(b.ID, a.ID) })
	// Below the end of either stretch, entries of that partition may be missing.
	end := max(lifecycle.next, uses.next)
	if i := slices.IndexFunc(merged, func(e audit.Entry) bool { return e.ID < end }); i >= 0 {
		merged = merged[:i]
	}
	if len(merged) > page.Limit {
		merged = merged[:page.Limit]
		end = merged[page.Limit-1].ID
	}
	next := Cursor("")
	if end != "" {
		if next, err = cursorOf(auditKey(keyPartition(keyID), end)); err != nil {
			return nil, "", err
		}
	}
	return unexpired(merged, now), next, nil
}

// AccountLog reads a page of a user's log, newest first.
func (s *Store) AccountLog(ctx context.Context, userID string, page Page, now time.Time) ([]audit.Entry, Cursor, error) {
	return s.logIn(ctx, userPartition(userID), page, now)
}

// logIn reads a page of the log in a partition that has all of it.
func (s *Store) logIn(ctx context.Context, partition string, page Page, now time.Time) ([]audit.Entry, Cursor, error) {
	before, err := page.After.entryID(partition)
	if err != nil {
		return nil, "", err
	}
	found := s.stretch(ctx, partition, auditPrefix, before, page.Limit)
	if found.err != nil || found.next == "" {
		return unexpired(found.entries, now), "", found.err
	}
	next, err := cursorOf(auditKey(partition, found.next))
	return unexpired(found.entries, now), next, err
}

// unexpired leaves out what the table keeps for some days after its time.
func unexpired(entries []audit.Entry, now time.Time) []audit.Entry {
	return slices.DeleteFunc(entries, func(e audit.Entry) bool { return e.ExpiresAt.Past(now) })
}

// A stretch is what one partition has of a page. next is the id of its last entry if more
// may follow, and otherwise "".
type stretch struct {
	entries []audit.Entry
	next    string
	err     error
}

func (s *Store) stretch(ctx context.Context, partition, prefix, before string, limit int) stretch {
	in := &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":pk": str(partition), ":prefix": str(prefix)},
		ScanIndexForward:          aws.Bool(false),
		Limit:                     aws.Int32(int32(limit)),
	}
	if before != "" {
		in.ExclusiveStartKey = primaryKey(partition, prefix+before)
	}
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return stretch{err: failed("query a page of a log", err)}
	}
	found := stretch{entries: []audit.Entry{}} // not nil: JSON shows it
	for _, it := range out.Items {
		e, err := unmarshal[audit.Entry](it)
		if err != nil {
			return stretch{err: err}
		}
		found.entries = append(found.entries, e)
	}
	if n := len(found.entries); n > 0 && out.LastEvaluatedKey != nil {
		found.next = found.entries[n-1].ID
	}
	return found
}

// entryID is the id of the entry that the cursor stands at, "" at the start; ErrCursor if
// it is no cursor of the log in that partition.
func (c Cursor) entryID(partition string) (string, error) {
	place, err := c.place(attrPK, partition)
	if err != nil || place == nil {
		return "", err
	}
	id, ok := strings.CutPrefix(text(place, attrSK), auditPrefix)
	if _, err := ulid.ParseStrict(id); !ok || err != nil {
		return "", ErrCursor
	}
	return id, nil
}
