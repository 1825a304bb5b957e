// Package endpoint knows where the APIs of a CloudFormation stack answer.
package endpoint

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gateway "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// A Stage is a stage of an API.
type Stage struct {
	API, URL string // the URL has no slash at the end
	Second   bool   // SAM made it beside the one that the template names
	Stale    bool   // it serves another deployment than that one
}

// Of returns the stages of a stack's APIs.
func Of(ctx context.Context, stack string) (stages []Stage, err error) {
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
			found, err := stagesOf(ctx, cfg, aws.ToString(r.ResourceType), id)
			if err != nil {
				return nil, fmt.Errorf("failed to read the stages of %s: %w", id, err)
			}
			stages = append(stages, found...)
		}
	}
	if len(stages) == 0 {
		return nil, fmt.Errorf("the stack %s has no API with a stage", stack)
	}
	return stages, nil
}

// stagesOf are the stages of a resource, none if it is no API.
func stagesOf(ctx context.Context, cfg aws.Config, kind, id string) (stages []Stage, err error) {
	at := func(stage *string) string {
		return address(os.Getenv("AWS_ENDPOINT_URL"), cfg.Region, id, aws.ToString(stage))
	}
	switch kind {
	case "AWS::ApiGateway::RestApi":
		out, err := apigateway.NewFromConfig(cfg).GetStages(ctx, &apigateway.GetStagesInput{RestApiId: &id})
		if err != nil {
			return nil, err
		}
		for _, stage := range out.Item {
			second, stale := Second(stage, out.Item)
			stages = append(stages, Stage{id, at(stage.StageName), second, stale})
		}
	case "AWS::ApiGatewayV2::Api":
		out, err := apigatewayv2.NewFromConfig(cfg).GetStages(ctx, &apigatewayv2.GetStagesInput{ApiId: &id})
		if err != nil {
			return nil, err
		}
		for _, stage := range out.Items {
			stages = append(stages, Stage{API: id, URL: at(stage.StageName)})
		}
	}
	return stages, nil
}

// Second reports whether a stage of a REST API is the one called Stage that SAM adds where a template has no
// OpenApiVersion, and whether it serves another deployment than all other stages. It does so for ever once a template gets
// an OpenApiVersion.
func Second(stage gateway.Stage, all []gateway.Stage) (second, stale bool) {
	if aws.ToString(stage.StageName) != "Stage" || len(all) < 2 {
		return false, false
	}
	same := func(other gateway.Stage) bool {
		return aws.ToString(other.StageName) != "Stage" && aws.ToString(other.DeploymentId) == aws.ToString(stage.DeploymentId)
	}
	return true, !slices.ContainsFunc(all, same)
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
