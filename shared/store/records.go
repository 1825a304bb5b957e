package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/user"
)

// A Record is a thing in the table as the API shows it: without the hash of a key, token or password.
type Record struct {
	Kind    string `json:"kind"`               // user, project, api_key, session, run, events or entry
	OwnerID string `json:"owner_id,omitempty"` // the user whose it is, where the record does not say so
	Record  any    `json:"record"`
}

// Events are those of one append to a run.
type Events struct {
	RunID  string            `json:"run_id"`
	Events []json.RawMessage `json:"events"`
}

// EachRecord calls do with each record in the table that has not expired, in no order, until it
// returns an error. Like EachLog it is for an operator.
func (s *Store) EachRecord(ctx context.Context, now time.Time, do func(Record) error) error {
	pages := dynamodb.NewScanPaginator(s.db, &dynamodb.ScanInput{TableName: &s.table, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return failed("read all records", err)
		}
		for _, it := range page.Items {
			r, err := s.record(ctx, it, now)
			if err != nil {
				return err
			}
			if r.Kind == "" {
				continue
			}
			if err := do(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// record returns the record of an item. Its kind is "" if the item has expired, or is none: hashes
// of passwords, counts, and what only says where something else is.
func (s *Store) record(ctx context.Context, it item, now time.Time) (Record, error) {
	at, err := unmarshal[struct {
		PK        string `dynamodbav:"pk"`
		SK        string `dynamodbav:"sk"`
		ExpiresAt int64  `dynamodbav:"expires_at"`
	}](it)
	if err != nil || at.ExpiresAt != 0 && at.ExpiresAt <= now.Unix() {
		return Record{}, err
	}
	partition, id, _ := strings.Cut(at.PK, "#")
	kind, _, _ := strings.Cut(at.SK, "#")
	switch partition + " " + kind {
	case "USER USER":
		u, err := unmarshal[user.User](it)
		return Record{"user", "", u.View()}, err
	case "PROJECT PROJECT":
		p, err := unmarshal[project.Project](it)
		return Record{"project", p.Owner, p.View()}, err
	case "KEY KEY":
		k, err := unmarshal[apikey.Key](it)
		if err == nil {
			k, err = s.WithLastUse(ctx, k)
		}
		return Record{"api_key", k.Owner, k.View(now)}, err
	case "SESSION SESSION":
		ses, err := unmarshal[session.Session](it)
		return Record{"session", ses.UserID, ses.View("")}, err
	case "RUN RUN":
		r, err := unmarshal[run.Run](it)
		return Record{"run", r.Owner, r.View()}, err
	case "RUN EVENT":
		b, err := unmarshal[run.Batch](it)
		return Record{"events", "", Events{id, b.Events}}, err
	case "KEY AUDIT", "USES USE":
		e, err := unmarshal[audit.Entry](it)
		return Record{"entry", "", e}, err
	}
	return Record{}, nil
}
