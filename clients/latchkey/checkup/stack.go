package checkup

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// services are clients of the APIs that are read.
type services struct {
	formation *cloudformation.Client
	dynamo    *dynamodb.Client
	secrets   *secretsmanager.Client
	lambda    *lambda.Client
	gateway   *apigateway.Client
	gateway2  *apigatewayv2.Client
	logs      *cloudwatchlogs.Client
	watch     *cloudwatch.Client
	topics    *sns.Client
	keys      *kms.Client
}

func newServices(cfg aws.Config) services {
	return services{
		cloudformation.NewFromConfig(cfg), dynamodb.NewFromConfig(cfg), secretsmanager.NewFromConfig(cfg), lambda.NewFromConfig(cfg),
		apigateway.NewFromConfig(cfg), apigatewayv2.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg), cloudwatch.NewFromConfig(cfg),
		sns.NewFromConfig(cfg), kms.NewFromConfig(cfg),
	}
}

// A deployment is what is examined.
type deployment struct {
	aws   services
	stack stack
	http  *http.Client
	url   string
	token string

	reading   sync.Once
	functions map[string]function // by logical id
	unread    error
}

// A stack is what CloudFormation says of it.
type stack struct {
	name, status        string
	parameters, outputs map[string]string
	resources           map[string]resource // by logical id
}

type resource struct{ id, kind string }

func readStack(ctx context.Context, api *cloudformation.Client, name string) (stack, error) {
	s := stack{name: name, parameters: map[string]string{}, outputs: map[string]string{}, resources: map[string]resource{}}
	described, err := api.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		return s, err
	}
	if len(described.Stacks) != 1 {
		return s, errors.New("there is no stack " + name)
	}
	found := described.Stacks[0]
	s.status = string(found.StackStatus)
	for _, p := range found.Parameters {
		s.parameters[aws.ToString(p.ParameterKey)] = cmp.Or(aws.ToString(p.ResolvedValue), aws.ToString(p.ParameterValue))
	}
	for _, o := range found.Outputs {
		s.outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	pages := cloudformation.NewListStackResourcesPaginator(api, &cloudformation.ListStackResourcesInput{StackName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return s, err
		}
		for _, r := range page.StackResourceSummaries {
			s.resources[aws.ToString(r.LogicalResourceId)] = resource{aws.ToString(r.PhysicalResourceId), aws.ToString(r.ResourceType)}
		}
	}
	if s.resources["EdgeAuthorizerFunction"].id == "" {
		return s, errors.New("the stack " + name + " is not Latchkey's; use --stack")
	}
	return s, nil
}

// address is the one that clients know: the issuer, or else that of the stage.
func (s stack) address() string {
	return strings.TrimRight(cmp.Or(s.parameters["Issuer"], s.outputs["ApiUrl"]), "/")
}

// id is the physical id of a resource; "" if the stack has none of that name.
func (s stack) id(logical string) string { return s.resources[logical].id }

// of are the logical ids of all resources of a type, in order.
func (s stack) of(kind string) []string {
	var found []string
	for _, logical := range slices.Sorted(maps.Keys(s.resources)) {
		if s.resources[logical].kind == kind {
			found = append(found, logical)
		}
	}
	return found
}

func checkStack(_ context.Context, d *deployment, s *sheet) error {
	switch status := d.stack.status; {
	case strings.HasSuffix(status, "_FAILED"):
		s.add(Finding{Severity: Broken, What: "the stack is " + status,
			Why: "It is half of one release and half of another, and cannot be deployed.",
			Do:  "Let CloudFormation go back to the release before, then deploy again.", Command: "aws cloudformation continue-update-rollback --stack-name " + d.stack.name})
	case strings.HasSuffix(status, "_IN_PROGRESS"):
		s.add(Finding{Severity: Note, What: "the stack is " + status, Why: "What is examined changes meanwhile.", Do: "Run this again when the deployment is done."})
	case strings.Contains(status, "ROLLBACK"):
		s.add(Finding{Severity: Risk, What: "the last deployment failed: the stack is " + status,
			Why: "The deployment runs the release before.", Do: "Read the events of the stack, mend the cause, and deploy again.",
			Command: "aws cloudformation describe-stack-events --stack-name " + d.stack.name})
	}
	return nil
}
