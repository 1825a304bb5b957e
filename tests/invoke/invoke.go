// Package invoke calls functions of a stack, named as in its template, for tests.
package invoke

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// Function calls the function that template.yaml calls name. It returns the answer, and whether that is the function's error.
func Function(ctx context.Context, cfg aws.Config, name string, event any) (answer []byte, failed bool, err error) {
	client := lambda.NewFromConfig(cfg)
	deployed, err := find(ctx, client, name)
	if err != nil {
		return nil, false, err
	}
	text, err := json.Marshal(event)
	if err != nil {
		return nil, false, err
	}
	out, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &deployed, Payload: text})
	if err != nil {
		return nil, false, err
	}
	return out.Payload, out.FunctionError != nil, nil
}

func find(ctx context.Context, client *lambda.Client, name string) (string, error) {
	pages := lambda.NewListFunctionsPaginator(client, &lambda.ListFunctionsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, f := range page.Functions {
			if deployed := aws.ToString(f.FunctionName); strings.Contains(deployed, "-"+name+"-") {
				return deployed, nil
			}
		}
	}
	return "", fmt.Errorf("no function is called %s", name)
}
