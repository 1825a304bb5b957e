package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/customer"
)

// EachLog calls do with the id of each key, user and customer that has a log, in no order, until it returns an
// error. It scans the table: it is for an operator, and no function may do it.
func (s *Store) EachLog(ctx context.Context, do func(id string) error) error {
	done := map[string]bool{}
	return s.scan(ctx, "find all logs", dynamodb.ScanInput{
		ProjectionExpression:      aws.String("pk"),
		FilterExpression:          aws.String("begins_with(pk, :keys) OR begins_with(pk, :users) OR begins_with(pk, :customers)"),
		ExpressionAttributeValues: item{":keys": str(keyPartition("")), ":users": str(userPartition("")), ":customers": str(customerPartition(customer.Prefix))},
	}, func(page []item) error {
		for _, it := range page {
			_, id, _ := strings.Cut(text(it, attrPK), "#")
			if done[id] {
				continue
			}
			done[id] = true
			if err := do(id); err != nil {
				return err
			}
		}
		return nil
	})
}

// A Log is all that a partition has of the log of a key, an account or a customer, without uses.
type Log struct {
	Entries  []chain.Entry
	Owner    *audit.Head     // on the key, user or customer, if there is one
	Copy     audit.Head      // beside it
	Erases   bool            // the person or the customer is erased, or about to be
	Findings []chain.Finding // that no entry shows
}

// Log reads the log of a key, of an account by the id of its user, or of a customer.
func (s *Store) Log(ctx context.Context, id string) (log Log, err error) {
	partition := keyPartition(id)
	switch {
	case audit.AccountLog(id):
		partition = userPartition(id)
	case audit.CustomerLog(id):
		partition = customerPartition(id)
	}
	pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": str(partition)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return log, failed("read a log", err)
		}
		for _, it := range page.Items {
			if err := log.add(id, text(it, attrSK), it); err != nil {
				return log, err
			}
		}
	}
	return log, nil
}

func (l *Log) add(id, sk string, it item) (err error) {
	switch {
	case strings.HasPrefix(sk, auditPrefix):
		e, unreadable := unmarshal[audit.Entry](it)
		if unreadable != nil {
			l.find(chain.Altered, sk, "it cannot be read")
			return nil //nolint:nilerr // it is a finding
		}
		if e.Of() != id || auditPrefix+e.ID != sk {
			l.find(chain.Altered, e.ID, "it is at the place of another: %s", sk)
		}
		checked, err := chain.Check(e)
		l.Entries = append(l.Entries, checked...)
		return err
	case sk == keySort, sk == userSort, sk == customerSort && audit.CustomerLog(id): // a customer's key has one too
		l.Owner = new(audit.Head)
		*l.Owner, err = unmarshal[audit.Head](it)
		l.Erases = it["deleting_at"] != nil || it["deleted_at"] != nil
	case sk == headSort:
		l.Copy, err = unmarshal[audit.Head](it)
	}
	return err
}

func (l *Log) find(kind, entry, format string, args ...any) {
	l.Findings = append(l.Findings, chain.Finding{Kind: kind, Entry: entry, Text: fmt.Sprintf(format, args...)})
}

// Verify checks the log's chain; see chain.Verify. Of two heads it takes the newer: who puts one of
// them back does not hide what followed.
func (l *Log) Verify(since, now time.Time) chain.Report {
	head := l.Copy
	if l.Owner != nil {
		gone := l.Copy.ChainSeq == 0 && l.Owner.ChainUntil.Past(now) // expired with its entry
		left := l.Erases && l.Owner.ChainSeq == 0                    // by a release without a log of accounts, which erased the user
		if !gone && !left && fmt.Sprint(*l.Owner) != fmt.Sprint(l.Copy) {
			l.find(chain.Altered, "", "the head and its copy differ: %d and %d", l.Owner.ChainSeq, l.Copy.ChainSeq)
		}
		if l.Owner.ChainSeq > head.ChainSeq {
			head = *l.Owner
		}
	}
	r := chain.Verify(head, l.Entries, since, now)
	if r.Erased > 0 && !l.Erases {
		l.find(chain.Removed, "", "a name was erased from %d entries, and neither a user nor a customer was deleted", r.Erased)
	}
	r.Findings = append(r.Findings, l.Findings...)
	return r
}

// EachEntry calls do with each entry of all logs since a time, uses too, in no order, until it
// returns an error. Like EachLog it is for an operator.
func (s *Store) EachEntry(ctx context.Context, since time.Time, do func(audit.Entry) error) error {
	return s.scan(ctx, "find all entries", dynamodb.ScanInput{
		FilterExpression: aws.String("(begins_with(pk, :keys) OR begins_with(pk, :users) OR begins_with(pk, :customers)) AND begins_with(sk, :entry) OR begins_with(pk, :uses) AND begins_with(sk, :use)"),
		ExpressionAttributeValues: item{
			":keys": str(keyPartition("")), ":users": str(userPartition("")), ":customers": str(customerPartition("")), ":entry": str(auditPrefix), ":uses": str(usesPartition("")), ":use": str(usePrefix),
		},
	}, func(page []item) error {
		for _, it := range page {
			e, err := unmarshal[audit.Entry](it)
			if err != nil {
				return err
			}
			if e.At.Before(since) {
				continue
			}
			if err := do(e); err != nil {
				return err
			}
		}
		return nil
	})
}
