//go:build e2e

package e2e

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// useLines are those of three uses of a key, as a process prints them that nobody else knows of.
func useLines(p person, k key, process string) (lines []logs.InputLogEvent) {
	at := time.Now().UnixMilli()
	for n := range 3 {
		lines = append(lines, logs.InputLogEvent{Timestamp: &at, Message: aws.String(fmt.Sprintf(
			`{"level":"INFO","msg":"verification","request_id":"replay","route":"GET %s","outcome":"allowed","key":%q,"key_use":{"process":%q,"n":%d,"at":%d,"owner":%q,"project":%q,"proven":true,"api":"api/prod","address":"192.0.2.7","user_agent":"test"}}`,
			me, k.ID, process, n+1, at, p.ID, k.ProjectID))})
	}
	return lines
}

// logOfChecks is the name of that log group: as AWS makes it, or the emulator.
func logOfChecks(t *testing.T, client *cloudwatchlogs.Client) *string {
	t.Helper()
	stack, _, _ := strings.Cut(os.Getenv("TABLE_NAME"), "-Table-")
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(client, &cloudwatchlogs.DescribeLogGroupsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range page.LogGroups {
			name := aws.ToString(group.LogGroupName)
			if strings.HasPrefix(name, stack+"-LogGroup-") || strings.HasSuffix(name, "/"+stack+"/LogGroup") {
				return &name
			}
		}
	}
	t.Fatal("the log of checks is not found")
	return nil
}

// printLines writes lines into the log of checks.
func printLines(t *testing.T, lines []logs.InputLogEvent) {
	t.Helper()
	client := cloudwatchlogs.NewFromConfig(awsConfig(t))
	group, stream := logOfChecks(t, client), aws.String("test-"+rand.Text())
	_, err := client.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream})
	if err == nil {
		_, err = client.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: lines})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// forgetSums leaves the table as a release without sums does: what a process used is counted, and in no sum.
func forgetSums(t *testing.T, project, process string) {
	t.Helper()
	db, table := dynamodb.NewFromConfig(awsConfig(t)), aws.String(os.Getenv("TABLE_NAME"))
	key := func(pk, sk string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
	}
	if _, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: table, Key: key("COUNTED#"+process, "COUNTED"), UpdateExpression: aws.String("REMOVE summed"),
	}); err != nil {
		t.Fatal(err)
	}
	for _, it := range tableItems(t) {
		var item struct{ PK, SK string }
		if err := json.Unmarshal([]byte(it), &item); err != nil {
			t.Fatal(err)
		}
		ofProject := strings.HasPrefix(item.PK, "USAGE#"+project+"#") || strings.HasPrefix(item.PK, "USAGE#ALL#") && strings.HasSuffix(item.SK, "#"+project)
		if !ofProject {
			continue
		}
		if _, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: table, Key: key(item.PK, item.SK)}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReplayOfTheLogAddsToTheSumsWhatAReleaseWithoutThemCounted(t *testing.T) {
	needs(t, theTable)
	needs(t, theLambda)
	p := member(t)
	k := newKey(t, p.token, nil)
	process, began := rand.Text(), time.Now().Add(-time.Minute)
	printLines(t, useLines(p, k, process))
	awaitUses(t, p.token, k.ID, uses{"GET " + me: {3, 0}})
	inSums := map[string][2]int64{"GET " + me: {3, 0}}
	awaitUsage(t, p.token, inSums, "group", "route")

	forgetSums(t, k.ProjectID, process)
	awaitUsage(t, p.token, map[string][2]int64{}, "group", "route")
	for range 2 {
		if answer, failed := callFunction(t, "UsesReplayFunction", object{"from": began, "to": time.Now().Add(time.Minute)}); failed {
			t.Fatalf("the replay failed: %s", answer)
		}
		awaitUsage(t, p.token, inSums, "group", "route")
		awaitUses(t, p.token, k.ID, uses{"GET " + me: {3, 0}})
	}
}
