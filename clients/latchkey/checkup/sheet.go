package checkup

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// A sheet has what one check saw.
type sheet struct {
	check    string
	findings []Finding
	gaps     []Gap
}

func (s *sheet) add(f Finding) {
	f.Check = s.check
	s.findings = append(s.findings, f)
}

// gap notes what could not be looked at, each kind of it once.
func (s *sheet) gap(err error) {
	if err == nil {
		return
	}
	if g := gapOf(s.check, err); !slices.Contains(s.gaps, g) {
		s.gaps = append(s.gaps, g)
	}
}

// denials are the codes with which services refuse a caller who lacks a permission.
var denials = []string{"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "ForbiddenException"}

func gapOf(check string, err error) Gap {
	g := Gap{Check: check, Reason: reasonOf(err)}
	var refused smithy.APIError
	var operation *smithy.OperationError
	if errors.As(err, &refused) && errors.As(err, &operation) && slices.Contains(denials, refused.ErrorCode()) {
		g.Reason, g.Needs = "not permitted", actionOf(operation)
	}
	return g
}

// reasonOf is the cause in a line, without the SDK's story of its attempts.
func reasonOf(err error) string {
	var refused smithy.APIError
	var unreachable *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.As(err, &refused):
		return cmp.Or(refused.ErrorMessage(), refused.ErrorCode())
	case errors.As(err, &unreachable):
		return unreachable.Error()
	case strings.Contains(err.Error(), "get credentials") || strings.Contains(err.Error(), "retrieve credentials"):
		return "there are no AWS credentials; sign in, or set AWS_PROFILE"
	case strings.Contains(strings.ToLower(err.Error()), "region"):
		return "the AWS region is not known; set AWS_REGION"
	}
	return err.Error()
}

// prefixes are the names that IAM gives to the services whose name in the SDK is another.
var prefixes = map[string]string{
	"CloudWatch Logs": "logs", "Secrets Manager": "secretsmanager",
	"API Gateway": "apigateway:GET", "ApiGatewayV2": "apigateway:GET",
}

// actionOf is the action that a caller needs for an operation.
func actionOf(o *smithy.OperationError) string {
	prefix := cmp.Or(prefixes[o.ServiceID], strings.ToLower(o.ServiceID))
	if strings.Contains(prefix, ":") {
		return prefix
	}
	return prefix + ":" + o.OperationName
}

// isCode reports whether a service refused with one of the codes.
func isCode(err error, codes ...string) bool {
	var refused smithy.APIError
	return errors.As(err, &refused) && slices.Contains(codes, refused.ErrorCode())
}
