package checkup

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

func checkLogs(ctx context.Context, d *deployment, s *sheet) error {
	for _, output := range []string{"LogGroupName", "FunctionsLogGroupName"} {
		name := d.stack.outputs[output]
		group, err := d.logGroup(ctx, name)
		if err != nil {
			return err
		}
		days := d.stack.parameters["LogRetentionDays"]
		if group == nil {
			s.add(Finding{Severity: Broken, What: "the log group " + name + " does not exist", Why: "Nothing is logged, and no use of a key is counted.",
				Do: "Make it, then run this again for what hangs on it.", Command: "aws logs create-log-group --log-group-name " + name + " && aws logs put-retention-policy --log-group-name " + name + " --retention-in-days " + days})
			continue
		}
		if kept := group.RetentionInDays; kept == nil || strconv.Itoa(int(*kept)) != days {
			s.add(Finding{Severity: Risk, What: fmt.Sprintf("%s keeps its lines %s, not %s days", name, howLong(kept), days),
				Why: "Uses can be counted again only as long as their lines are kept, and kept lines cost money and have addresses of people in them.",
				Do:  "Set it.", Command: "aws logs put-retention-policy --log-group-name " + name + " --retention-in-days " + days})
		}
		if key := d.stack.parameters["KmsKeyArn"]; key != "" && aws.ToString(group.KmsKeyId) != key {
			s.add(Finding{Severity: Risk, What: name + " is not encrypted with the key of KmsKeyArn", Why: "Who disables that key does not stop who reads the log.",
				Do: "Put it under the key.", Command: "aws logs associate-kms-key --log-group-name " + name + " --kms-key-id " + key})
		}
	}
	return nil
}

func howLong(days *int32) string {
	if days == nil || *days == 0 {
		return "for ever"
	}
	return fmt.Sprintf("%d days", *days)
}

// logGroup is nil if there is none of that name.
func (d *deployment) logGroup(ctx context.Context, name string) (*types.LogGroup, error) {
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(d.aws.logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, group := range page.LogGroups {
			if aws.ToString(group.LogGroupName) == name {
				return &group, nil
			}
		}
	}
	return nil, nil
}
