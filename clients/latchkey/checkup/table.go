package checkup

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const expiry = "expires_at" // the attribute that the table's time to live reads

func checkTable(ctx context.Context, d *deployment, s *sheet) error {
	name := d.stack.id("Table")
	out, err := d.aws.dynamo.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if isCode(err, "ResourceNotFoundException") {
		s.add(Finding{Severity: Broken, What: "the table " + name + " does not exist", Why: "Every check of a credential fails.",
			Do: "Restore it from a backup: docs/restore.md."})
		return nil
	}
	if err != nil {
		return err
	}
	t := out.Table
	if t.TableStatus != types.TableStatusActive && t.TableStatus != types.TableStatusUpdating {
		s.add(Finding{Severity: Broken, What: "the table is " + string(t.TableStatus), Why: "Every check of a credential fails.",
			Do: "Find out in CloudTrail who changed it, and wait, or restore it: docs/restore.md."})
	}
	if !aws.ToBool(t.DeletionProtectionEnabled) {
		s.add(Finding{Severity: Risk, What: "the table is not protected from deletion", Why: "One call deletes every key, user and log.",
			Do:      "Protect it, and deploy with DeletionProtection=true.",
			Command: "aws dynamodb update-table --table-name " + name + " --deletion-protection-enabled"})
	}
	if key := d.stack.parameters["KmsKeyArn"]; key != "" && (t.SSEDescription == nil || aws.ToString(t.SSEDescription.KMSMasterKeyArn) != key) {
		s.add(Finding{Severity: Risk, What: "the table is not encrypted with the key of KmsKeyArn", Why: "Who disables that key does not stop the deployment.",
			Do:      "Put the table under the key.",
			Command: "aws dynamodb update-table --table-name " + name + " --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=" + key})
	}
	return nil
}

func checkTimeToLive(ctx context.Context, d *deployment, s *sheet) error {
	name := d.stack.id("Table")
	out, err := d.aws.dynamo.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		return err
	}
	found := out.TimeToLiveDescription
	on := found.TimeToLiveStatus == types.TimeToLiveStatusEnabled || found.TimeToLiveStatus == types.TimeToLiveStatusEnabling
	if on && aws.ToString(found.AttributeName) == expiry {
		return nil
	}
	s.add(Finding{Severity: Risk, What: "the table's time to live is off",
		Why: "What has expired is refused all the same, but never deleted: the table grows, and entries of the audit log outlive their retention.",
		Do:  "Switch it on.", Command: "aws dynamodb update-time-to-live --table-name " + name + " --time-to-live-specification Enabled=true,AttributeName=" + expiry})
	return nil
}

func checkBackups(ctx context.Context, d *deployment, s *sheet) error {
	name := d.stack.id("Table")
	out, err := d.aws.dynamo.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
	if err != nil {
		return err
	}
	found := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	if found == nil || found.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled {
		s.add(Finding{Severity: Risk, What: "point-in-time recovery of the table is off", Why: "What is deleted or overwritten by mistake is lost.",
			Do: "Switch it on.", Command: "aws dynamodb update-continuous-backups --table-name " + name + " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"})
	}
	return nil
}
