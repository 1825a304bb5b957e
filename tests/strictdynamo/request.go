package strictdynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A call is a request that touches items. It has only the fields that the rows need.
type call struct {
	operation string
	settings  *Settings
	now       func() time.Time
	request   request
	accesses  []*access
}

func (c *call) transaction() bool { return c.operation == "TransactWriteItems" }

// An access is the part of a call that touches one item, or the one partition of a Query.
type access struct {
	write
	table  *table
	index  *index // of a Query
	kind   string // as DynamoDB names it: Get, Put, Update, Delete, ConditionCheck, Query or Scan
	id     string // the item's; a Query and a Scan have none
	strong bool   // a strongly consistent read
	before item   // the item as it is, where an index's entry may change
}

func (a *access) reads() bool { return a.kind == "Get" || a.lists() }

// lists reports whether it is no access to one item.
func (a *access) lists() bool { return a.kind == "Query" || a.kind == "Scan" }

// A write has the common fields of all operations on one item, also inside a transaction.
type write struct {
	TableName                 string
	Key, Item                 item
	UpdateExpression          string
	ConditionExpression       string
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues item
}

func (w write) name(n string) string {
	if real, ok := w.ExpressionAttributeNames[n]; ok {
		return real
	}
	return n
}

type request struct {
	write
	ConsistentRead         bool
	IndexName              string
	KeyConditionExpression string
	ExclusiveStartKey      item
	ScanIndexForward       *bool
	Limit                  int
	RequestItems           map[string]struct {
		Keys           []item
		ConsistentRead bool
	}
	TransactItems      []map[string]write // one entry: the kind of write
	ClientRequestToken string
}

// kinds are the operations on one item.
var kinds = map[string]string{"GetItem": "Get", "PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}

// notModelled are the other operations on items. The product uses none of them. Before it
// uses one, add AWS's refusals of that operation to this proxy.
var notModelled = []string{
	"BatchExecuteStatement", "BatchWriteItem", "ExecuteStatement", "ExecuteTransaction", "TransactGetItems",
}

// read parses a request. It returns nil if the request touches no items. If the request can
// be refused at once, the error is a refusal.
func (p *Proxy) read(ctx context.Context, operation string, body []byte) (*call, error) {
	c := &call{operation: operation, settings: p.settings.Load(), now: p.now}
	kind, single := kinds[operation]
	switch {
	case slices.Contains(notModelled, operation):
		return nil, refusal{refuse(ofDynamoDB, "UnknownOperationException", map[string]any{
			"message": operation + " is not modelled: see tests/strictdynamo/request.go",
		})}
	case !single && operation != "Query" && operation != "Scan" && operation != "BatchGetItem" && !c.transaction():
		return nil, nil
	}
	in := &c.request
	if json.Unmarshal(body, in) != nil {
		return nil, nil //nolint:nilerr // the emulator words what is wrong with it
	}
	add := func(kind string, w write, strong bool) error {
		a := &access{kind: kind, write: w, strong: strong}
		c.accesses = append(c.accesses, a)
		return p.prepare(ctx, c, a)
	}
	var err error
	switch {
	case c.transaction():
		for _, one := range in.TransactItems {
			for kind, w := range one {
				if err == nil {
					err = add(kind, w, true)
				}
			}
		}
	case operation == "BatchGetItem":
		for name, wanted := range in.RequestItems {
			for _, key := range wanted.Keys {
				if err == nil {
					err = add("Get", write{TableName: name, Key: key}, wanted.ConsistentRead)
				}
			}
		}
	case operation == "Query", operation == "Scan":
		err = add(operation, in.write, in.ConsistentRead)
	default:
		err = add(kind, in.write, in.ConsistentRead)
	}
	if errors.Is(err, errUnknown) || err == nil && len(c.accesses) == 0 {
		return nil, nil // as before
	}
	return c, err
}

// prepare finds the table, the index and the item of an access.
func (p *Proxy) prepare(ctx context.Context, c *call, a *access) (err error) {
	if a.table, err = p.table(ctx, a.TableName); err != nil {
		return err
	}
	if a.lists() {
		if c.request.IndexName == "" {
			return nil
		}
		if a.index = a.table.indexes[c.request.IndexName]; a.index == nil {
			return errUnknown
		}
		return nil
	}
	if a.Key == nil {
		a.Key = a.Item.only(a.table.hash, a.table.sort)
	}
	a.id = a.table.name + " " + a.table.keyOf(a.Key)
	if a.mayMoveInIndex() {
		if a.before, err = p.item(ctx, a.table, a.Key); err != nil {
			return fmt.Errorf("reading the item before a %s: %w", a.kind, err)
		}
	}
	return nil
}

// mayMoveInIndex reports whether an existing item may get another entry in an index, or lose
// its entry.
func (a *access) mayMoveInIndex() bool {
	if len(a.table.indexes) == 0 {
		return false
	}
	switch a.kind {
	case "Delete":
		return true
	case "Put":
		return a.name(condition(a.ConditionExpression)) != a.table.hash
	case "Update":
		names := nameInExpression.FindAllString(a.UpdateExpression, -1)
		for _, index := range a.table.indexes {
			if index.projection != "KEYS_ONLY" || slices.ContainsFunc(names, func(n string) bool {
				return a.name(n) == index.hash || a.name(n) == index.sort
			}) {
				return true
			}
		}
	}
	return false
}

var (
	nameInExpression = regexp.MustCompile(`[#\w]+`)
	ifAbsent         = regexp.MustCompile(`^attribute_not_exists\s*\(\s*([#\w]+)\s*\)$`)
)

// condition returns the name if the whole condition is that this name is absent, else "".
func condition(expression string) string {
	if found := ifAbsent.FindStringSubmatch(strings.TrimSpace(expression)); found != nil {
		return found[1]
	}
	return ""
}
