package strictdynamo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// A table has the names of its keys, and those of its indexes. sort is "" if there is no sort key.
type table struct {
	name, arn  string
	hash, sort string
	indexes    map[string]*index
}

type index struct {
	name, arn  string
	hash, sort string
	projection string   // KEYS_ONLY, INCLUDE or ALL
	include    []string // with INCLUDE
	table      *table
}

// keyOf returns an item's name within its table.
func (t *table) keyOf(key item) string { return key[t.hash].text() + " " + key[t.sort].text() }

// entry returns the item's entry in the index, or nil if the item lacks a key of the index.
func (x *index) entry(it item) item {
	if it == nil || !it.has(x.hash, x.sort) {
		return nil
	}
	if x.projection == "ALL" {
		return it
	}
	return it.only(append([]string{x.table.hash, x.table.sort, x.hash, x.sort}, x.include...)...)
}

// errUnknown means that a table, an index or a key does not exist. The emulator's answer says so.
var errUnknown = errors.New("no such table, index or key")

// table returns the description of a table. It asks the emulator once.
func (p *Proxy) table(ctx context.Context, name string) (*table, error) {
	if known, ok := p.tables.Load(name); ok {
		return known.(*table), nil
	}
	type key []struct{ AttributeName, KeyType string }
	var out struct {
		Table struct {
			TableArn               string
			KeySchema              key
			GlobalSecondaryIndexes []struct {
				IndexName  string
				KeySchema  key
				Projection struct {
					ProjectionType   string
					NonKeyAttributes []string
				}
			}
		}
	}
	err := p.ask(ctx, "DescribeTable", map[string]any{"TableName": name}, &out)
	if refusedAs(err, "ResourceNotFoundException") {
		return nil, errUnknown
	}
	if err != nil {
		return nil, err
	}
	names := func(k key) (hash, sort string) {
		for _, part := range k {
			if part.KeyType == "HASH" {
				hash = part.AttributeName
			} else {
				sort = part.AttributeName
			}
		}
		return hash, sort
	}
	t := &table{name: name, arn: out.Table.TableArn, indexes: map[string]*index{}}
	t.hash, t.sort = names(out.Table.KeySchema)
	for _, described := range out.Table.GlobalSecondaryIndexes {
		x := &index{
			name: described.IndexName, arn: t.arn + "/index/" + described.IndexName, table: t,
			projection: described.Projection.ProjectionType, include: described.Projection.NonKeyAttributes,
		}
		x.hash, x.sort = names(described.KeySchema)
		t.indexes[x.name] = x
	}
	p.tables.Store(name, t)
	return t, nil
}

// forget drops the description of a table that an operation changes or deletes.
func (p *Proxy) forget(operation string, body []byte) {
	if operation == "DeleteTable" || operation == "UpdateTable" {
		var in struct{ TableName string }
		_ = json.Unmarshal(body, &in) // no name, nothing to forget
		p.tables.Delete(in.TableName)
	}
}

// item reads an item, or returns nil. If the key does not fit the table, the error is errUnknown.
func (p *Proxy) item(ctx context.Context, t *table, key item) (item, error) {
	var out struct{ Item item }
	err := p.ask(ctx, "GetItem", map[string]any{"TableName": t.name, "Key": key, "ConsistentRead": true}, &out)
	if refusedAs(err, "ValidationException") {
		return nil, errUnknown
	}
	return out.Item, err
}

// A refusedError is DynamoDB's refusal of the proxy's own request.
type refusedError struct{ operation, code, text string }

func (e *refusedError) Error() string { return fmt.Sprintf("%s: %s: %s", e.operation, e.code, e.text) }

func refusedAs(err error, code string) bool {
	var refused *refusedError
	return errors.As(err, &refused) && refused.code == code
}

// ask calls the emulator with the proxy's own credentials.
func (p *Proxy) ask(ctx context.Context, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.backend.String()+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	who, err := p.credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, who, r, hex.EncodeToString(sum[:]), "dynamodb", p.region, time.Now()); err != nil {
		return err
	}
	res, err := p.send(r)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	if !res.ok() {
		var said struct {
			Type    string `json:"__type"`
			Message string `json:"message"`
		}
		_ = json.Unmarshal(res.body, &said) // then the code is empty
		return &refusedError{operation, said.Type[strings.LastIndex(said.Type, "#")+1:], said.Message}
	}
	return json.Unmarshal(res.body, out)
}
