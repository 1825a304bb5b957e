package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/export"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// A table has keys, whose logs a test tampers with.
type table struct {
	t    *testing.T
	s    *store.Store
	db   *dynamodb.Client
	name string
}

func setUp(t *testing.T) table {
	cfg, name := storetest.Table(t)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", aws.ToString(cfg.BaseEndpoint))
	return table{t, store.New(cfg, name), dynamodb.NewFromConfig(cfg), name}
}

func (x table) entry(action string) audit.Entry {
	return audit.New(action, audit.Source{Now: time.Now()}, time.Hour)
}

// key is a key with three changes.
func (x table) key() apikey.Key {
	x.t.Helper()
	k := apikey.Key{ID: apikey.NewID(), Type: apikey.Scoped, Owner: "usr_A", Project: "prj_A", Hash: "1:hash", Generation: 1, CreatedAt: time.Now()}
	if err := x.s.CreateKey(x.t.Context(), k, x.entry(audit.Created)); err != nil {
		x.t.Fatal(err)
	}
	k, err := x.s.RegenerateKey(x.t.Context(), k, "1:next", 0, x.entry(audit.Regenerated))
	if err != nil {
		x.t.Fatal(err)
	}
	if k, err = x.s.RevokeKey(x.t.Context(), k, x.entry(audit.Revoked)); err != nil {
		x.t.Fatal(err)
	}
	return k
}

// items are those of a key's log, the entries by the place in the chain, the others by their sk.
func (x table) items(k apikey.Key) map[string]item {
	x.t.Helper()
	out, err := x.db.Query(x.t.Context(), &dynamodb.QueryInput{
		TableName: &x.name, KeyConditionExpression: aws.String("pk = :pk"), ConsistentRead: aws.Bool(true),
		ExpressionAttributeValues: item{":pk": &types.AttributeValueMemberS{Value: "KEY#" + k.ID}},
	})
	if err != nil {
		x.t.Fatal(err)
	}
	found := map[string]item{}
	for _, it := range out.Items {
		name := it["sk"].(*types.AttributeValueMemberS).Value
		if link, ok := it["chain"].(*types.AttributeValueMemberM); ok {
			name = link.Value["seq"].(*types.AttributeValueMemberN).Value
		}
		found[name] = it
	}
	return found
}

func (x table) put(it item) {
	x.t.Helper()
	if _, err := x.db.PutItem(x.t.Context(), &dynamodb.PutItemInput{TableName: &x.name, Item: it}); err != nil {
		x.t.Fatal(err)
	}
}

func (x table) remove(it item) {
	x.t.Helper()
	_, err := x.db.DeleteItem(x.t.Context(), &dynamodb.DeleteItemInput{TableName: &x.name, Key: item{"pk": it["pk"], "sk": it["sk"]}})
	if err != nil {
		x.t.Fatal(err)
	}
}

// verify runs the command. It returns how it ends, and the findings by key.
func (x table) verify(more ...string) (exit int, findings map[string][]chain.Finding) {
	x.t.Helper()
	var out bytes.Buffer
	exit = run(x.t.Context(), append([]string{"verify", "--table", x.name}, more...), &out, os.Stderr)
	findings = map[string][]chain.Finding{}
	for line := range strings.Lines(out.String()) {
		var report struct {
			KeyID string `json:"key_id"`
			chain.Report
		}
		if err := json.Unmarshal([]byte(line), &report); err != nil {
			x.t.Fatal(err)
		}
		findings[report.KeyID] = report.Findings
	}
	return exit, findings
}

func TestTableThatNobodyTamperedWithIsWhole(t *testing.T) {
	x := setUp(t)
	live, gone := x.key(), x.key()
	if err := x.s.DeleteKey(t.Context(), gone, x.entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
	expired := x.key()
	x.remove(x.items(expired)["KEY"]) // as DynamoDB removes a key that has expired
	if err := x.s.PutEntry(t.Context(), live, x.entry(audit.TokenIssued)); err != nil {
		t.Fatal(err)
	}
	exit, findings := x.verify()
	expect.Same(t, "the exit code", exit, 0)
	expect.Same(t, "the number of logs with findings", len(findings), 0)
}

func TestEachLogThatWasTamperedWithInTheTableIsNamed(t *testing.T) {
	x := setUp(t)
	x.key()
	for name, row := range map[string]struct {
		tamper func(map[string]item)
		want   string
	}{
		"the first entry is removed":  {func(of map[string]item) { x.remove(of["1"]) }, chain.Removed},
		"the newest entry is removed": {func(of map[string]item) { x.remove(of["3"]) }, chain.Removed},
		"the newest entry is removed with the key": {func(of map[string]item) {
			x.remove(of["3"])
			x.remove(of["KEY"])
		}, chain.Removed},
		"an entry is altered": {func(of map[string]item) {
			of["2"]["address"] = text("192.0.2.66")
			x.put(of["2"])
		}, chain.Altered},
		"an entry is moved": {func(of map[string]item) {
			x.remove(of["2"])
			of["2"]["sk"] = text("AUDIT#00000000000000000000000000")
			x.put(of["2"])
		}, chain.Altered},
		"an entry is inserted": {func(of map[string]item) {
			delete(of["2"], "chain")
			of["2"]["sk"], of["2"]["id"] = text("AUDIT#7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), text("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
			x.put(of["2"])
		}, chain.Unchained},
		"the copy of the head is removed": {func(of map[string]item) { x.remove(of["HEAD"]) }, chain.Altered},
		"the heads are put back": {func(of map[string]item) {
			for _, name := range []string{"KEY", "HEAD"} {
				of[name]["chain_seq"] = &types.AttributeValueMemberN{Value: "2"}
				x.put(of[name])
			}
		}, chain.Inserted},
	} {
		k := x.key()
		row.tamper(x.items(k))
		exit, findings := x.verify()
		expect.Same(t, name+": the exit code", exit, exitNotWhole)
		expect.Same(t, name+": the number of logs with findings", len(findings), 1)
		if found := findings[k.ID]; len(found) == 0 || found[0].Kind != row.want {
			t.Errorf("%s: the findings are %+v, want %s first", name, found, row.want)
		}
		for _, it := range x.items(k) {
			x.remove(it)
		}
	}
}

func TestExportHasAllEntriesInTheTableUsesToo(t *testing.T) {
	x := setUp(t)
	k := x.key()
	use := audit.Use{Process: "p", Number: 1, KeyID: k.ID, Owner: "usr_A", Project: "prj_A", Proven: true, Route: "GET /a", At: time.Now()}
	if _, err := x.s.CountUses(t.Context(), []audit.Use{use}, time.Hour, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for since, want := range map[string]string{"": "created regenerated revoked used", time.Now().Add(time.Hour).Format(time.RFC3339): ""} {
		var out bytes.Buffer
		args := []string{"export", "--table", x.name, "--since", since}
		expect.Same(t, "the exit code", run(t.Context(), args, &out, os.Stderr), 0)
		var actions []string
		for line := range strings.Lines(out.String()) {
			var l export.Line
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatal(err)
			}
			actions = append(actions, l.Entry.Action)
		}
		slices.Sort(actions)
		expect.Same(t, "the actions since "+since, strings.Join(actions, " "), want)
	}
}

// Who can write everything in the table puts a key back to an earlier state, or makes a chain anew: then
// nothing is wrong in the table itself.
func TestLogThatWasPutBackIsFoundByTheCopy(t *testing.T) {
	x := setUp(t)
	back, gone, kept := x.key(), x.key(), x.key()
	var lines bytes.Buffer
	expect.Same(t, "the exit code of the export", run(t.Context(), []string{"export", "--table", x.name}, &lines, os.Stderr), 0)
	file := filepath.Join(t.TempDir(), "lines.jsonl")
	if err := os.WriteFile(file, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	against := []string{"--against", file}
	exit, _ := x.verify(against...)
	expect.Same(t, "the exit code before", exit, 0)
	for _, k := range []apikey.Key{back, gone} {
		for _, it := range x.items(k) {
			x.remove(it)
		}
	}
	if err := x.s.CreateKey(t.Context(), back, x.entry(audit.Created)); err != nil {
		t.Fatal(err)
	}
	exit, _ = x.verify()
	expect.Same(t, "the exit code without the copy", exit, 0)
	exit, findings := x.verify(against...)
	expect.Same(t, "the exit code with the copy", exit, exitNotWhole)
	expect.Same(t, "the findings of the key that was put back", len(findings[back.ID]), 3)
	expect.Same(t, "the findings of the key that is gone", len(findings[gone.ID]), 3)
	expect.Same(t, "the findings of the other", len(findings[kept.ID]), 0)
}

func TestWrongUsageIsTold(t *testing.T) {
	for _, args := range []string{"", "verify", "bogus --table x", "verify --table x y", "verify --table x --since yesterday"} {
		var notes bytes.Buffer
		expect.Same(t, args+": the exit code", run(context.Background(), strings.Fields(args), &notes, &notes), exitUsage)
		expect.Same(t, args+": what is said", notes.String(), help)
	}
}
