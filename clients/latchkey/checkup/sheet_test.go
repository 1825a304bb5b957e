package checkup

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/latchkey/latchkey/tests/expect"
)

func refusedBy(service, operation, code string) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: &smithy.GenericAPIError{Code: code, Message: "no"}}
}

func TestWhatIsNotPermittedIsNotCheckedAndNamesTheAction(t *testing.T) {
	for _, row := range []struct{ service, operation, needs string }{
		{"DynamoDB", "DescribeTimeToLive", "dynamodb:DescribeTimeToLive"},
		{"CloudWatch Logs", "DescribeLogGroups", "logs:DescribeLogGroups"},
		{"Secrets Manager", "GetSecretValue", "secretsmanager:GetSecretValue"},
		{"API Gateway", "GetStages", "apigateway:GET"},
		{"CloudFormation", "DescribeStacks", "cloudformation:DescribeStacks"},
	} {
		s := sheet{check: "c"}
		s.gap(refusedBy(row.service, row.operation, "AccessDeniedException"))
		s.gap(refusedBy(row.service, row.operation, "AccessDeniedException"))
		expect.Same(t, "the gaps", fmt.Sprint(s.gaps), fmt.Sprint([]Gap{{"c", "not permitted", row.needs}}))
	}
}

func TestAnyOtherFailureIsNotCheckedEither(t *testing.T) {
	s := sheet{check: "c"}
	s.gap(refusedBy("DynamoDB", "DescribeTable", "InternalServerError"))
	s.gap(errors.New("failed to retrieve credentials"))
	s.gap(nil)
	expect.Same(t, "the gaps", fmt.Sprint(s.gaps), fmt.Sprint([]Gap{{"c", "no", ""}, {"c", "there are no AWS credentials; sign in, or set AWS_PROFILE", ""}}))
}
