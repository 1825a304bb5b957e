// Package endpoint knows where the APIs of a CloudFormation stack answer.
package endpoint

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// Of returns the addresses of a stack's APIs, one for each stage, without a slash at the end.
func Of(ctx context.Context, stack string) (addresses []string, err error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	pages := cloudformation.NewListStackResourcesPaginator(cloudformation.NewFromConfig(cfg), &cloudformation.ListStackResourcesInput{StackName: &stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("failed to read the stack %s: %w", stack, err)
		}
		for _, r := range page.StackResourceSummaries {
			id := aws.ToString(r.PhysicalResourceId)
			stages, err := stagesOf(ctx, cfg, aws.ToString(r.ResourceType), id)
			if err != nil {
				return nil, fmt.Errorf("failed to read the stages of %s: %w", id, err)
			}
			for _, stage := range stages {
				addresses = append(addresses, address(os.Getenv("AWS_ENDPOINT_URL"), cfg.Region, id, stage))
			}
		}
	}
	if len(addresses) == 0 {
		return nil, fmt.Errorf("the stack %s has no API with a stage", stack)
	}
	return addresses, nil
}

// stagesOf are the names of the stages of a resource, none if it is no API.
func stagesOf(ctx context.Context, cfg aws.Config, kind, id string) (names []string, err error) {
	switch kind {
	case "AWS::ApiGateway::RestApi":
		out, err := apigateway.NewFromConfig(cfg).GetStages(ctx, &apigateway.GetStagesInput{RestApiId: &id})
		if err != nil {
			return nil, err
		}
		for _, stage := range out.Item {
			names = append(names, aws.ToString(stage.StageName))
		}
	case "AWS::ApiGatewayV2::Api":
		out, err := apigatewayv2.NewFromConfig(cfg).GetStages(ctx, &apigatewayv2.GetStagesInput{ApiId: &id})
		if err != nil {
			return nil, err
		}
		for _, stage := range out.Items {
			names = append(names, aws.ToString(stage.StageName))
		}
	}
	return names, nil
}

// address is that of a stage. An emulator serves all APIs at its own address.
func address(emulator, region, id, stage string) string {
	if emulator != "" {
		return strings.TrimRight(emulator, "/") + "/_aws/execute-api/" + id + "/" + stage
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		domain += ".cn"
	}
	at := fmt.Sprintf("https://%s.execute-api.%s.%s", id, region, domain)
	if stage == "$default" { // it is no part of the path
		return at
	}
	return at + "/" + stage
}
