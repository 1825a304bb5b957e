package checkup

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// checkExport has nothing to look at where the audit log is not exported.
func checkExport(ctx context.Context, d *deployment, s *sheet) error {
	id := d.stack.id("AuditExportMapping")
	if id == "" {
		return nil
	}
	out, err := d.aws.lambda.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: &id})
	if isCode(err, "ResourceNotFoundException") {
		s.add(Finding{Severity: Broken, What: "nothing reads the table's stream", Why: "The audit log is not exported.", Do: "Empty AuditExportBucket, deploy, set it and deploy again; then fill the gap (docs/audit.md)."})
		return nil
	}
	if err != nil {
		return err
	}
	if state := aws.ToString(out.State); state != "Enabled" && state != "Enabling" && state != "Updating" && state != "Creating" {
		s.add(Finding{Severity: Broken, What: "the export of the audit log is " + strings.ToLower(state), Why: "After 24 hours the stream forgets what was not exported.",
			Do: "Switch it on, then fill the gap (docs/audit.md).", Command: "aws lambda update-event-source-mapping --uuid " + id + " --enabled"})
	}
	if result := aws.ToString(out.LastProcessingResult); strings.HasPrefix(result, "PROBLEM") {
		s.add(Finding{Severity: Broken, What: "the export of the audit log fails: " + result, Why: "After 24 hours the stream forgets what was not exported.",
			Do: "Filter `audit log not exported` in the functions' log group, and mend the cause."})
	}
	return nil
}
