package checkup

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

const (
	newAccount = 50   // the most concurrency that an account is thought to have that AWS has not raised
	settled    = 1000 // what an account usually has
)

var authorizers = []string{"AuthorizerFunction", "EdgeAuthorizerFunction", "FunctionModeAuthorizerFunction"}

func checkConcurrency(ctx context.Context, d *deployment, s *sheet) error {
	s.gap(d.checkAccount(ctx, s))
	for _, logical := range append([]string{"UsesCountFunction"}, authorizers...) {
		name := d.stack.id(logical)
		out, err := d.aws.lambda.GetFunctionConcurrency(ctx, &lambda.GetFunctionConcurrencyInput{FunctionName: &name})
		if isCode(err, "ResourceNotFoundException") {
			continue // checkFunctions says so
		}
		if err != nil {
			s.gap(err)
			continue
		}
		if n := out.ReservedConcurrentExecutions; n != nil && *n == 0 {
			s.add(Finding{Severity: Broken, What: logical + " is switched off: its reserved concurrency is 0",
				Why: "An authorizer that does not run refuses every request; a counter of uses that does not run counts none.",
				Do:  "Remove the reservation.", Command: "aws lambda delete-function-concurrency --function-name " + name})
		}
	}
	return nil
}

func (d *deployment) checkAccount(ctx context.Context, s *sheet) error {
	out, err := d.aws.lambda.GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if err != nil || out.AccountLimit == nil {
		return err
	}
	switch n := out.AccountLimit.ConcurrentExecutions; {
	case n <= newAccount:
		s.add(Finding{Severity: Risk, What: fmt.Sprintf("the account may run %d functions at once", n), Why: "A few requests at the same moment get 503.",
			Do: "Ask AWS for more, it costs nothing.", Command: fmt.Sprintf("aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value %d", settled)})
	case n >= settled && d.stack.parameters["PasswordConcurrency"] == "":
		s.add(Finding{Severity: Note, What: "PasswordConcurrency is empty", Why: "A flood of logins may take the concurrency that the authorizers need.",
			Do: "Deploy with PasswordConcurrency=20, unless a web ACL keeps floods away."})
	}
	return nil
}
