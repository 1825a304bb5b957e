package checkup

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

const (
	largestPolicy = 20480 // bytes: Lambda's quota for a function's own policy
	muchOfIt      = largestPolicy * 8 / 10
)

// checkAuthorizers looks at who may call the authorizers.
func checkAuthorizers(ctx context.Context, d *deployment, s *sheet) error {
	for _, logical := range authorizers {
		text, err := d.policyOf(ctx, d.stack.id(logical))
		if err != nil {
			s.gap(err)
			continue
		}
		if !lets(text, "apigateway.amazonaws.com") {
			s.add(Finding{Severity: Broken, What: logical + " does not let API Gateway call it", Why: "Every request to an API behind it gets 500.",
				Do: "Permit it again.", Command: permit(d.stack.id(logical), d.anyAPI())})
		}
		if len(text) > muchOfIt {
			s.add(Finding{Severity: Risk, What: fmt.Sprintf("the policy of %s has %d bytes of %d", logical, len(text), largestPolicy),
				Why:     "SAM adds a statement for each API that does not set DisableFunctionDefaultPermissions; beyond the bound their deployments fail.",
				Do:      "Set it in the templates of those APIs (docs/authorizer.md), and remove their statements; one for the whole account is there.",
				Command: "aws lambda get-policy --function-name " + d.stack.id(logical)})
		}
	}
	return nil
}

// policyOf is the function's own policy; "" if it has none.
func (d *deployment) policyOf(ctx context.Context, name string) (string, error) {
	out, err := d.aws.lambda.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: &name})
	if isCode(err, "ResourceNotFoundException") {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Policy), nil
}

// lets reports whether a policy has a statement that lets a service call the function. Which source it names is not judged.
func lets(policy, service string) bool {
	var doc struct {
		Statement []struct {
			Effect    string
			Principal json.RawMessage
		}
	}
	if json.Unmarshal([]byte(policy), &doc) != nil {
		return false
	}
	for _, statement := range doc.Statement {
		var of struct{ Service string }
		if statement.Effect == "Allow" && json.Unmarshal(statement.Principal, &of) == nil && of.Service == service {
			return true
		}
	}
	return false
}

func permit(function, source string) string {
	return fmt.Sprintf("aws lambda add-permission --function-name %s --statement-id mended --action lambda:InvokeFunction "+
		"--principal apigateway.amazonaws.com --source-arn '%s'", function, source)
}

// anyAPI is the ARN of all APIs of the account and region.
func (d *deployment) anyAPI() string {
	partition, region, account := d.place()
	return fmt.Sprintf("arn:%s:execute-api:%s:%s:*", partition, region, account)
}
