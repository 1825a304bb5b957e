package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// An item has what the audit reads of an item, of whatever kind: shared/store/schema.go has the layout.
type item struct {
	PK      string `dynamodbav:"pk"`
	SK      string `dynamodbav:"sk"`
	OwnerPK string `dynamodbav:"by_owner_pk"`

	ID         string   `dynamodbav:"id"`
	KeyID      string   `dynamodbav:"key_id"`
	UserID     string   `dynamodbav:"user_id"`
	Owner      string   `dynamodbav:"owner"`
	Project    string   `dynamodbav:"project"`
	Email      string   `dynamodbav:"email"`
	ExternalID string   `dynamodbav:"external_id"`
	CustomerID string   `dynamodbav:"customer_id"` // of an external id
	Salt       string   `dynamodbav:"salt"`
	Action     string   `dynamodbav:"action"`
	Generation int      `dynamodbav:"generation"`
	CreatedBy  string   `dynamodbav:"created_by"`
	RevokedAt  string   `dynamodbav:"revoked_at"`
	DisabledAt string   `dynamodbav:"disabled_at"`
	Kept       int      `dynamodbav:"kept_generation"`
	DeletedAt  string   `dynamodbav:"deleted_at"` // of a user, of whom nothing else is left then
	ExpiresAt  int64    `dynamodbav:"expires_at"`
	UseCount   int      `dynamodbav:"use_count"`
	First      int      `dynamodbav:"first_seq"`
	Last       int      `dynamodbav:"last_seq"`
	Events     []string `dynamodbav:"-"`

	limits map[string]int // limit_<category>
	counts map[string]int // count_<category>_<n>, the largest of each category
	summed int            // <hour>#<outcome>, of all together
}

// A table is all of it, by the partitions.
type table struct {
	items      []item
	partitions map[string][]item
}

// readTable reads a whole table, strongly consistent.
func readTable(ctx context.Context, cfg aws.Config, name string) (table, error) {
	t := table{partitions: map[string][]item{}}
	pages := dynamodb.NewScanPaginator(dynamodb.NewFromConfig(cfg), &dynamodb.ScanInput{TableName: &name, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return t, fmt.Errorf("failed to read the table: %w", err)
		}
		for _, raw := range page.Items {
			it := item{limits: map[string]int{}, counts: map[string]int{}}
			var all map[string]any
			if err := attributevalue.UnmarshalMap(raw, &it); err != nil {
				return t, fmt.Errorf("an item does not read: %w", err)
			}
			if err := attributevalue.UnmarshalMap(raw, &all); err != nil {
				return t, err
			}
			it.take(all)
			t.items = append(t.items, it)
			t.partitions[it.PK] = append(t.partitions[it.PK], it)
		}
	}
	return t, nil
}

// take reads what has no field: counters, and the texts of events.
func (it *item) take(all map[string]any) {
	for name, value := range all {
		n, _ := value.(float64)
		if category, found := strings.CutPrefix(name, "limit_"); found {
			it.limits[category] = int(n)
		} else if rest, found := strings.CutPrefix(name, "count_"); found {
			category, _, _ := strings.Cut(rest, "_")
			it.counts[category] = max(it.counts[category], int(n))
		} else if strings.Contains(name, "#") {
			it.summed += int(n)
		}
	}
	events, _ := all["events"].([]any)
	for _, one := range events {
		text, _ := one.([]byte)
		if s, is := one.(string); is {
			text = []byte(s)
		}
		var event struct{ Text string }
		_ = json.Unmarshal(text, &event) // an event that does not read has no text, and is missed
		it.Events = append(it.Events, event.Text)
	}
}

// one returns the item of a primary key, if it is there.
func (t table) one(pk, sk string) (item, bool) {
	for _, it := range t.partitions[pk] {
		if it.SK == sk {
			return it, true
		}
	}
	return item{}, false
}

// entries counts a key's lifecycle entries by their action.
func (t table) entries(key string) map[string]int {
	count := map[string]int{}
	for _, it := range t.partitions["KEY#"+key] {
		if strings.HasPrefix(it.SK, "AUDIT#") {
			count[it.Action]++
		}
	}
	return count
}

// secret returns the ARN of the secret that template.yaml calls name.
func (e *emulator) secret(ctx context.Context, name string) (string, error) {
	out, err := secretsmanager.NewFromConfig(e.aws).ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
	if err != nil {
		return "", err
	}
	for _, found := range out.SecretList {
		if strings.Contains(aws.ToString(found.Name), name) {
			return *found.ARN, nil
		}
	}
	return "", fmt.Errorf("no secret is called %s", name)
}
