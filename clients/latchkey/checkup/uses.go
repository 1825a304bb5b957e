package checkup

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

const useTerm = `"key_use"` // the pattern of the subscription, as in the template

// checkUses follows the way of a use: the log group, its subscription, the function that counts.
func checkUses(ctx context.Context, d *deployment, s *sheet) error {
	group, counter := d.stack.outputs["LogGroupName"], d.stack.id("UsesCountFunction")
	partition, region, account := d.place()
	arn := "arn:" + partition + ":lambda:" + region + ":" + account + ":function:" + counter
	out, err := d.aws.logs.DescribeSubscriptionFilters(ctx, &cloudwatchlogs.DescribeSubscriptionFiltersInput{LogGroupName: &group})
	if err != nil && !isCode(err, "ResourceNotFoundException") { // then checkLogs says so
		return err
	}
	delivers := false
	if err == nil {
		for _, f := range out.SubscriptionFilters {
			delivers = delivers || aws.ToString(f.DestinationArn) == arn && aws.ToString(f.FilterPattern) == useTerm
		}
		if !delivers {
			s.add(Finding{Severity: Broken, What: "no subscription hands the uses of keys to " + counter, Why: "No use is counted: last use and audit log stand still. Requests are not affected.",
				Do:      "Subscribe it again, then count what was missed with UsesReplayFunction (docs/operations.md).",
				Command: "aws logs put-subscription-filter --log-group-name " + group + " --filter-name " + d.stack.id("UsesSubscription") + " --filter-pattern '" + useTerm + "' --destination-arn " + arn})
		}
	}
	policy, err := d.policyOf(ctx, counter)
	if err != nil {
		return err
	}
	if !lets(policy, "logs.amazonaws.com") {
		s.add(Finding{Severity: Broken, What: "UsesCountFunction does not let CloudWatch Logs call it", Why: "No use is counted, and CloudWatch Logs does not try again.",
			Do: "Permit it, then count what was missed with UsesReplayFunction (docs/operations.md).",
			Command: "aws lambda add-permission --function-name " + counter + " --statement-id mended --action lambda:InvokeFunction --principal logs.amazonaws.com" +
				" --source-arn 'arn:" + partition + ":logs:" + region + ":" + account + ":log-group:" + group + ":*' --source-account " + account})
	}
	return d.checkWhereChecksLog(ctx, s, group)
}

// checkWhereChecksLog: a use that is logged elsewhere is delivered to nobody.
func (d *deployment) checkWhereChecksLog(ctx context.Context, s *sheet, group string) error {
	functions, err := d.allFunctions(ctx)
	for _, logical := range authorizers {
		if f := functions[logical]; f.name != "" && f.logGroup != group {
			s.add(Finding{Severity: Broken, What: logical + " does not log into " + group, Why: "The uses of keys that it checks are not counted.", Do: "Set its log group.",
				Command: "aws lambda update-function-configuration --function-name " + f.name + " --logging-config LogFormat=Text,LogGroup=" + group})
		}
	}
	return err
}
