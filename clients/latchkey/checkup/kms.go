package checkup

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// checkKey has nothing to look at where AWS's own keys are used.
func checkKey(ctx context.Context, d *deployment, s *sheet) error {
	arn := d.stack.parameters["KmsKeyArn"]
	if arn == "" {
		return nil
	}
	out, err := d.aws.keys.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
	if err != nil {
		return err
	}
	const why = "Neither the table nor the secrets can be read, so nobody is let in."
	switch out.KeyMetadata.KeyState {
	case types.KeyStateEnabled:
	case types.KeyStateDisabled:
		s.add(Finding{Severity: Broken, What: "the KMS key is disabled", Why: why, Do: "Enable it.", Command: "aws kms enable-key --key-id " + arn})
	case types.KeyStatePendingDeletion:
		s.add(Finding{Severity: Broken, What: "the KMS key is about to be deleted", Why: why + " After that everything under it is lost.",
			Do: "Cancel that, and enable the key.", Command: "aws kms cancel-key-deletion --key-id " + arn + " && aws kms enable-key --key-id " + arn})
	default:
		s.add(Finding{Severity: Broken, What: "the KMS key is " + string(out.KeyMetadata.KeyState), Why: why, Do: "See why in the KMS console."})
	}
	return nil
}
