//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

func awsConfig(t testing.TB) aws.Config {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// tableItems is the whole table, an item a JSON text.
func tableItems(t testing.TB) []string {
	t.Helper()
	needs(t, theTable)
	var items []string
	pages := dynamodb.NewScanPaginator(dynamodb.NewFromConfig(awsConfig(t)),
		&dynamodb.ScanInput{TableName: aws.String(os.Getenv("TABLE_NAME")), ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			var plain object
			if err := attributevalue.UnmarshalMap(it, &plain); err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(plain)
			if err != nil {
				t.Fatal(err)
			}
			items = append(items, string(text))
		}
	}
	return items
}

func mentions(texts []string, what string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, what) })
}

// logWith is the functions' log once it mentions all of these; what a function prints
// may arrive a moment after its answer.
func logWith(t testing.TB, wanted ...string) string {
	t.Helper()
	needs(t, theLog)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		text, err := os.ReadFile(os.Getenv("LATCHKEY_LOG_FILE"))
		if err != nil {
			t.Fatal(err)
		}
		missing := slices.IndexFunc(wanted, func(w string) bool { return !strings.Contains(string(text), w) })
		if missing < 0 {
			return string(text)
		}
		if time.Now().After(deadline) {
			t.Fatalf("the functions' log does not mention %q", wanted[missing])
		}
	}
}

// signingSecret is the secret that signs tokens, by version (shared/secret).
func signingSecret(t testing.TB) map[string]string {
	t.Helper()
	needs(t, theSecret)
	manager := secretsmanager.NewFromConfig(awsConfig(t))
	list, err := manager.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range list.SecretList {
		if !strings.Contains(aws.ToString(found.Name), "SigningSecret") {
			continue
		}
		out, err := manager.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: found.ARN})
		if err != nil {
			t.Fatal(err)
		}
		var ring map[string]string
		if err := json.Unmarshal([]byte(aws.ToString(out.SecretString)), &ring); err != nil {
			t.Fatal("the signing secret is not a JSON object of strings")
		}
		return ring
	}
	t.Fatal("no secret is called SigningSecret")
	return nil
}
