package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
)

// The sums say how often keys were used, by the hour, for bills and charts. A use is in two of them:
//
//	USAGE#<project>#<shard>  <day>#<key>#<route>   key_id, route, customer_id
//	USAGE#ALL#<shard>        <day>#<project>       project_id
//
// Each has an attribute for an hour of the day and an outcome: "14#allowed" says how many uses there
// were from 14:00 to 15:00 UTC. A day is the sum of its hours, so the two cannot differ.
//
// The process that printed the lines of the uses decides on the shard. Lines come by process, and what
// one process used is counted by one transaction at a time: so those that count uses of a busy project
// meet each other an eighth as often, and no partition takes all writes.

// usageShards is how many partitions the sums of a project have. It may grow and must not shrink: what is
// in a partition that is not read any more would be missing.
const usageShards = 8

// A sum is what a transaction adds to one item.
type sum struct {
	attributes item             // that are set, and are the same each time
	counts     map[string]int64 // by attribute
}

func (s sum) plus(more sum) sum {
	if s.counts == nil {
		return sum{more.attributes, maps.Clone(more.counts)}
	}
	maps.Copy(s.attributes, more.attributes) // a line of an older release does not name the customer
	for name, n := range more.counts {
		s.counts[name] += n
	}
	return s
}

// sumsOf returns what a use adds to. Of a caller who only named the key it is not said on which route, as
// in the log: those who know no secret make no items.
func sumsOf(u audit.Use, retention time.Duration) map[Place]sum {
	at := u.At.UTC()
	day := at.Truncate(24 * time.Hour)
	until := num(day.Add(24*time.Hour + retention).Unix())
	counts := map[string]int64{at.Format("15") + "#" + u.Outcome: 1}
	route := u.Route
	if !u.Proven {
		route = ""
	}
	hash := sha256.Sum256([]byte(route))
	ofKey := item{"key_id": str(u.KeyID), "route": str(route), attrExpiresAt: until}
	if u.Customer != "" {
		ofKey["customer_id"] = str(u.Customer)
	}
	shard, date := shardOf(u.Process), day.Format(time.DateOnly)
	return map[Place]sum{
		{usagePartition(u.Project, shard), date + "#" + u.KeyID + "#" + hex.EncodeToString(hash[:8])}: {ofKey, counts},
		{usagePartition(allProjects, shard), date + "#" + u.Project}:                                  {item{"project_id": str(u.Project), attrExpiresAt: until}, counts},
	}
}

func shardOf(process string) int {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(process))
	return int(hash.Sum32() % usageShards)
}

// allProjects stands for a project in the name of the partitions that have the sums of each.
const allProjects = "ALL"

func (s *Store) addToSum(at Place, add sum) types.TransactWriteItem {
	names, values := map[string]string{}, item{}
	var added, set []string
	for name, n := range add.counts {
		i := fmt.Sprint("n", len(names))
		names["#"+i], values[":"+i] = name, num(n)
		added = append(added, "#"+i+" :"+i)
	}
	for name, value := range add.attributes {
		names["#"+name], values[":"+name] = name, value
		set = append(set, "#"+name+" = :"+name)
	}
	update := clause("ADD ", added) + clause(" SET ", set)
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: primaryKey(at.PK, at.SK), UpdateExpression: &update,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}
}
