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
	ring, _ := readSecret(t, "SigningSecret")
	return ring
}

func manager(t testing.TB) *secretsmanager.Client {
	t.Helper()
	needs(t, theSecret)
	return secretsmanager.NewFromConfig(awsConfig(t))
}

// readSecret returns the ring in the secret that template.yaml calls name, and its ARN.
func readSecret(t testing.TB, name string) (ring map[string]string, arn string) {
	t.Helper()
	m := manager(t)
	list, err := m.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range list.SecretList {
		if !strings.Contains(aws.ToString(found.Name), name) {
			continue
		}
		out, err := m.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: found.ARN})
		if err != nil {
			t.Fatal(err)
		}
		if json.Unmarshal([]byte(aws.ToString(out.SecretString)), &ring) != nil {
			t.Fatalf("%s is not a JSON object of strings", name)
		}
		return ring, *found.ARN
	}
	t.Fatalf("no secret is called %s", name)
	return nil, ""
}
