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
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/user"
)

// A Record is a thing in the table as the API shows it: without the hash of a key, token or password.
type Record struct {
	Kind    string `json:"kind"`               // user, project, customer, api_key, session, run, events or entry
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
	return s.scan(ctx, "read all records", dynamodb.ScanInput{ConsistentRead: aws.Bool(true)}, func(page []item) error {
		used, err := s.lastUses(ctx, page)
		if err != nil {
			return err
		}
		for _, it := range page {
			r, err := recordOf(it, used, now)
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
		return nil
	})
}

// lastUses returns the last uses of the keys among these items, by id.
func (s *Store) lastUses(ctx context.Context, items []item) (map[string]int64, error) {
	var wanted []item
	for _, it := range items {
		if text(it, attrSK) == keySort {
			wanted = append(wanted, lastUseKey(strings.TrimPrefix(text(it, attrPK), keyPartition(""))))
		}
	}
	found, err := getAll[apikey.Key](ctx, s, wanted)
	used := map[string]int64{}
	for _, k := range found {
		used[k.ID] = k.LastUsedAt
	}
	return used, err
}

// recordOf returns the record of an item. Its kind is "" if the item has expired, or is none: hashes
// of passwords, counts, and what only says where something else is.
func recordOf(it item, used map[string]int64, now time.Time) (Record, error) {
	if expires := number(it, attrExpiresAt); expires != 0 && expires <= now.Unix() {
		return Record{}, nil
	}
	partition, id, _ := strings.Cut(text(it, attrPK), "#")
	kind, _, _ := strings.Cut(text(it, attrSK), "#")
	switch partition + " " + kind {
	case "USER USER":
		u, err := unmarshal[user.User](it)
		if u.DeletedAt != nil {
			return Record{}, err
		}
		return Record{"user", "", u.View()}, err
	case "PROJECT PROJECT":
		p, err := unmarshal[project.Project](it)
		return Record{"project", p.Owner, p.View()}, err
	case "CUSTOMER CUSTOMER":
		c, err := unmarshal[customer.Customer](it)
		if c.DeletedAt != nil {
			return Record{}, err
		}
		return Record{"customer", "", c.View(now)}, err
	case "KEY KEY":
		k, err := unmarshal[apikey.Key](it)
		k.LastUsedAt = max(k.LastUsedAt, used[k.ID])
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
	case "KEY AUDIT", "USER AUDIT", "CUSTOMER AUDIT", "USES USE":
		e, err := unmarshal[audit.Entry](it)
		return Record{"entry", "", e}, err
	}
	return Record{}, nil
}
