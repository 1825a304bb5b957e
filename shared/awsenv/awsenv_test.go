package awsenv

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey/latchkey/tests/expect"
)

func TestConfigurationIsWhatLambdaSays(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "session",
		"AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_DYNAMODB": "",
	} {
		t.Setenv(name, value)
	}
	cfg := Config("DYNAMODB")
	if cfg.Region != "eu-central-1" {
		t.Errorf("the region is %q", cfg.Region)
	}
	if cfg.BaseEndpoint != nil {
		t.Errorf("the endpoint is %q, and not AWS's own", *cfg.BaseEndpoint)
	}
	found, err := cfg.Credentials.Retrieve(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the access key id", found.AccessKeyID, "id")
	expect.Same(t, "the secret access key", found.SecretAccessKey, "secret")
	expect.Same(t, "the session token", found.SessionToken, "session")
}

func TestServicesOwnEndpointComesBeforeTheCommonOne(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://common")
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://own")
	if got := aws.ToString(Config("DYNAMODB").BaseEndpoint); got != "http://own" {
		t.Errorf("DynamoDB is called at %q", got)
	}
	if got := aws.ToString(Config("SECRETS_MANAGER").BaseEndpoint); got != "http://common" {
		t.Errorf("Secrets Manager is called at %q", got)
	}
}
