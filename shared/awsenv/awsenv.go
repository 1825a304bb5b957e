// Package awsenv configures an AWS client inside a Lambda function, from the variables that Lambda sets.
//
// The SDK's LoadDefaultConfig also looks for files, SSO, STS and an EC2 host. A function has none of
// them, and the search costs 2 MB of binary and over a millisecond of each cold start.
package awsenv

import (
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Config reads the region, the credentials of the function's role, and the address of the service if it is
// not AWS's own: AWS_ENDPOINT_URL_<service> ("DYNAMODB", "SECRETS_MANAGER"), else AWS_ENDPOINT_URL. Source:
// AWS Lambda developer guide, "Defined runtime environment variables", and AWS SDKs reference guide,
// "Service-specific endpoints".
func Config(service string) aws.Config {
	cfg := aws.Config{
		Region: os.Getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
	}
	for _, name := range []string{"AWS_ENDPOINT_URL_" + service, "AWS_ENDPOINT_URL"} {
		if url := os.Getenv(name); url != "" {
			cfg.BaseEndpoint = &url
			break
		}
	}
	return cfg
}
