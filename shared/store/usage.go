package store

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Sum is how often keys were used in an hour, with one outcome.
type Sum struct {
	Hour    time.Time
	Outcome string
	Count   int64

	Project              string // of the sums of the deployment
	Key, Customer, Route string // of those of a project
}

// Sums says which sums to read.
type Sums struct {
	From, To             time.Time // whole hours
	Projects             []string  // of these; none is the sums of each project of the deployment
	Key, Customer, Route string    // only theirs; "" is any
}

// A Reading reads sums, and bounds how much it reads.
type Reading struct {
	s    *Store
	add  func(Sum)
	now  time.Time
	mu   sync.Mutex // over the following
	left float64    // read units, of 8 KB each
	to   string     // the day from which sums are missing, or ""
}

// ReadUsage makes a Reading that hands on each sum that it reads, one at a time. It reads about that many
// bytes at most, and at least the first day. Reads are eventually consistent.
func (s *Store) ReadUsage(bytes int, now time.Time, add func(Sum)) *Reading {
	return &Reading{s: s, add: add, now: now, left: float64(bytes) / (8 << 10)}
}

// Of reads some sums.
func (r *Reading) Of(ctx context.Context, wanted Sums) error {
	projects := wanted.Projects
	if len(projects) == 0 {
		projects = []string{allProjects}
	}
	var partitions []item
	for _, project := range projects {
		for shard := range usageShards {
			partitions = append(partitions, item{attrPK: str(usagePartition(project, shard))})
		}
	}
	return each(partitions, atOnce, func(it item) error { return r.partition(ctx, text(it, attrPK), wanted) })
}

// Until returns the time from which on sums may be missing, because there was too much to be read. It is the
// beginning of a day, or zero if nothing is missing.
func (r *Reading) Until() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	until, _ := time.Parse(time.DateOnly, r.to) // "" is zero
	return until
}

// usagePage is how many items are read at once: all partitions are read at the same time, and each answer
// must come in time (attemptTimeout).
const usagePage = 500

func (r *Reading) partition(ctx context.Context, name string, wanted Sums) error {
	first := wanted.From.UTC().Format(time.DateOnly)
	in := &dynamodb.QueryInput{
		TableName:                 &r.s.table,
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": str(name), ":from": str(first), ":to": str(r.end(wanted))},
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
		Limit:                     aws.Int32(usagePage),
	}
	var filters []string
	for attribute, value := range map[string]string{"key_id": wanted.Key, "customer_id": wanted.Customer, "route": wanted.Route} {
		if value != "" {
			filters = append(filters, attribute+" = :"+attribute)
			in.ExpressionAttributeValues[":"+attribute] = str(value)
		}
	}
	if filters != nil {
		in.FilterExpression = aws.String(strings.Join(filters, " AND "))
	}
	for {
		page, err := r.s.query(ctx, in)
		if err != nil {
			return err
		}
		enough := r.take(page, wanted)
		if page.LastEvaluatedKey == nil {
			return nil
		}
		// All is read that is before the day of this key.
		if day := dayOf(page.LastEvaluatedKey); enough && day > first {
			r.endAt(day)
			return nil
		}
		in.ExclusiveStartKey = page.LastEvaluatedKey
	}
}

// end returns the end of what is to be read of a partition. After enough was read it is that of the first day.
func (r *Reading) end(wanted Sums) string {
	r.mu.Lock()
	enough := r.left <= 0
	r.mu.Unlock()
	to := wanted.To.Add(-time.Nanosecond).UTC().Format(time.DateOnly)
	if next := wanted.From.UTC().AddDate(0, 0, 1).Format(time.DateOnly); enough && next <= to {
		r.endAt(next)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.to != "" {
		return r.to // it is less than what that day has
	}
	return to + "~"
}

// endAt notes that of a day, and what follows, not all is read.
func (r *Reading) endAt(day string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.to == "" || day < r.to {
		r.to = day
	}
}

func dayOf(key item) string { return text(key, attrSK)[:len(time.DateOnly)] }

// take hands on what is on a page. It reports whether enough was read.
func (r *Reading) take(page *dynamodb.QueryOutput, wanted Sums) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, it := range page.Items {
		day, err := time.Parse(time.DateOnly, dayOf(it))
		if err != nil || number(it, attrExpiresAt) <= r.now.Unix() {
			continue
		}
		for name := range it {
			hour, outcome, isCount := strings.Cut(name, "#")
			h, err := strconv.Atoi(hour)
			if !isCount || err != nil {
				continue
			}
			sum := Sum{
				Hour: day.Add(time.Duration(h) * time.Hour), Outcome: outcome, Count: number(it, name),
				Project: text(it, "project_id"), Key: text(it, "key_id"), Customer: text(it, "customer_id"), Route: text(it, "route"),
			}
			if !sum.Hour.Before(wanted.From) && sum.Hour.Before(wanted.To) {
				r.add(sum)
			}
		}
	}
	if page.ConsumedCapacity != nil {
		r.left -= aws.ToFloat64(page.ConsumedCapacity.CapacityUnits)
	}
	return r.left <= 0
}

// Named is what a key, a customer or a project is called.
type Named struct{ Name, ExternalID string }

// Names returns what keys, customers or projects are called, by their ids. Of what is gone it has nothing.
func (s *Store) Names(ctx context.Context, of string, ids []string) (map[string]Named, error) {
	place := map[string]func(string) item{"key": keyKey, "customer": customerKey, "project": projectKey}[of]
	if place == nil {
		return nil, nil
	}
	var wanted []item
	for _, id := range ids {
		wanted = append(wanted, place(id))
	}
	found, err := s.batchGet(ctx, wanted)
	names := map[string]Named{}
	for _, it := range found {
		names[text(it, "id")] = Named{max(text(it, "name"), text(it, "label")), text(it, "external_id")}
	}
	return names, err
}
