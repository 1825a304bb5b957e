// Package storetest gives a test a table of its own in a real DynamoDB Local, behind a proxy
// of its own that makes it as strict as Amazon's: see tests/strictdynamo.
package storetest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/goccy/go-yaml"

	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/tests/strictdynamo"
)

// New is a store over a fresh table, as template.yaml defines it, deleted after the test.
func New(t testing.TB) *store.Store {
	t.Helper()
	cfg, table := Table(t)
	return store.New(cfg, table)
}

// Table is the configuration and the name of a fresh table.
func Table(t testing.TB) (aws.Config, string) {
	t.Helper()
	cfg, table, _ := Proxied(t)
	return cfg, table
}

// Proxied is Table with the proxy, which a test may make stricter or kinder.
func Proxied(t testing.TB) (aws.Config, string, *strictdynamo.Proxy) {
	t.Helper()
	if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") == "" {
		t.Fatal("this test needs DynamoDB Local: run it with `make unit` or `make test`, which start it")
	}
	cfg := awsenv.Config("DYNAMODB")
	input, err := definition()
	if err != nil {
		t.Fatal(err)
	}
	table := "test-" + rand.Text()
	input.TableName = &table
	db := dynamodb.NewFromConfig(cfg)
	_, err = db.CreateTable(context.Background(), &input)
	if errors.As(err, new(*types.ResourceInUseException)) {
		err = nil // the name is random: an earlier attempt of this same call made it
	}
	if err != nil {
		t.Fatalf("DynamoDB Local does not make a table: %v", err)
	}
	t.Cleanup(func() {
		if _, err := db.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &table}); err != nil {
			t.Errorf("deleting the test's table: %v", err)
		}
	})
	proxy, err := strictdynamo.New(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"), cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	cfg.BaseEndpoint = &server.URL
	return cfg, table, proxy
}

// AwaitIndex waits until lists show what has been written: an index follows its table a
// little later (row 10 of docs/aws.md).
func AwaitIndex() { time.Sleep(strictdynamo.Lag) }

// definition reads the table out of template.yaml, so that tests and deployment agree. It parses that resource only: all of
// the template takes longer than most tests.
var definition = sync.OnceValues(func() (input dynamodb.CreateTableInput, err error) {
	text, err := readTemplate()
	if err != nil {
		return input, err
	}
	var resources struct {
		Table struct {
			Properties struct {
				AttributeDefinitions   any `yaml:"AttributeDefinitions"`
				KeySchema              any `yaml:"KeySchema"`
				GlobalSecondaryIndexes any `yaml:"GlobalSecondaryIndexes"`
			} `yaml:"Properties"`
		} `yaml:"Table"`
	}
	if err := yaml.Unmarshal(tableResource.Find(text), &resources); err != nil {
		return input, err
	}
	// CloudFormation's names are the API's: the JSON fits as it is.
	asJSON, err := json.Marshal(resources.Table.Properties)
	if err != nil {
		return input, err
	}
	input.BillingMode = types.BillingModePayPerRequest
	return input, json.Unmarshal(asJSON, &input)
})

// readTemplate reads template.yaml, which is in a folder above that of the test.
func readTemplate() ([]byte, error) {
	folder, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		text, err := os.ReadFile(filepath.Join(folder, "template.yaml")) //nolint:gosec // the repository's own
		if !errors.Is(err, fs.ErrNotExist) || folder == filepath.Dir(folder) {
			return text, err
		}
		folder = filepath.Dir(folder)
	}
}

// tableResource is the line with the resource's name, and those that are indented further.
var tableResource = regexp.MustCompile(`(?m)^  Table:.*\n(?:    .*\n)+`)
