package checkup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

func checkAlarms(ctx context.Context, d *deployment, s *sheet) error {
	logical := d.stack.of("AWS::CloudWatch::Alarm")
	found := map[string]types.MetricAlarm{}
	var names []string
	for _, each := range logical {
		names = append(names, d.stack.id(each))
	}
	for part := range slices.Chunk(names, 100) { // as many as CloudWatch takes at once
		out, err := d.aws.watch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: part, MaxRecords: aws.Int32(100)})
		if err != nil {
			return err
		}
		for _, a := range out.MetricAlarms {
			found[aws.ToString(a.AlarmName)] = a
		}
	}
	var silent, off, missing []string
	for _, each := range logical {
		a, there := found[d.stack.id(each)]
		switch {
		case !there:
			missing = append(missing, each)
		case !aws.ToBool(a.ActionsEnabled):
			off = append(off, d.stack.id(each))
		case len(a.AlarmActions) == 0:
			silent = append(silent, each)
		}
		if there && a.StateValue == types.StateValueAlarm {
			s.add(Finding{Severity: Broken, What: each + " is in alarm: " + aws.ToString(a.AlarmDescription), Why: aws.ToString(a.StateReason),
				Do: "See " + strings.TrimSuffix(each, "Alarm") + " in the table of docs/operations.md."})
		}
	}
	d.reportAlarms(s, missing, off, silent)
	return d.checkTopic(ctx, s)
}

func (d *deployment) reportAlarms(s *sheet, missing, off, silent []string) {
	const why = "What they watch can break, and nobody is told."
	if len(missing) > 0 {
		s.add(Finding{Severity: Risk, What: "alarms do not exist: " + strings.Join(missing, ", "), Why: why,
			Do: "Change AlarmTopicArn and deploy, so that CloudFormation makes them again."})
	}
	if len(off) > 0 {
		s.add(Finding{Severity: Risk, What: fmt.Sprintf("the actions of %d alarms are switched off", len(off)), Why: why,
			Do: "Switch them on.", Command: "aws cloudwatch enable-alarm-actions --alarm-names " + strings.Join(off, " ")})
	}
	if len(silent) > 0 {
		s.add(Finding{Severity: Risk, What: fmt.Sprintf("%d alarms tell nobody", len(silent)), Why: why,
			Do: "Make an SNS topic that reaches somebody, and deploy with its ARN as AlarmTopicArn."})
	}
}

// checkTopic: a topic that nobody has subscribed to tells nobody either.
func (d *deployment) checkTopic(ctx context.Context, s *sheet) error {
	topic := d.stack.parameters["AlarmTopicArn"]
	if topic == "" {
		return nil
	}
	out, err := d.aws.topics.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &topic})
	if isCode(err, "NotFound", "NotFoundException") {
		s.add(Finding{Severity: Risk, What: "the topic of the alarms does not exist: " + topic, Why: "Nobody is told.", Do: "Make a topic that reaches somebody, and deploy with its ARN as AlarmTopicArn."})
		return nil
	}
	if err != nil {
		return err
	}
	if out.Attributes["SubscriptionsConfirmed"] == "0" {
		s.add(Finding{Severity: Risk, What: "nobody has subscribed to the topic of the alarms", Why: "Nobody is told.",
			Do: "Subscribe somebody, who then confirms it: aws sns subscribe --protocol email --notification-endpoint ADDRESS --topic-arn " + topic})
	}
	return nil
}
