package checkup

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	gateway2 "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

func checkHTTPAPIs(ctx context.Context, d *deployment, s *sheet) error {
	var next *string
	for {
		page, err := d.aws.gateway2.GetApis(ctx, &apigatewayv2.GetApisInput{NextToken: next})
		if err != nil {
			return err
		}
		for _, api := range page.Items {
			if api.ProtocolType == gateway2.ProtocolTypeHttp {
				s.gap(d.checkHTTPAPI(ctx, s, api))
			}
		}
		if next = page.NextToken; aws.ToString(next) == "" {
			return nil
		}
	}
}

func (d *deployment) checkHTTPAPI(ctx context.Context, s *sheet, api gateway2.Api) error {
	out, err := d.aws.gateway2.GetAuthorizers(ctx, &apigatewayv2.GetAuthorizersInput{ApiId: api.ApiId})
	if err != nil {
		return err
	}
	guarded := false
	for _, a := range out.Items {
		if d.isOurs(aws.ToString(a.AuthorizerUri)) {
			guarded = true
			d.checkHTTPAuthorizer(s, name(api.Name, api.ApiId), a)
		}
	}
	if !guarded {
		return nil
	}
	routes, err := d.aws.gateway2.GetRoutes(ctx, &apigatewayv2.GetRoutesInput{ApiId: api.ApiId})
	if err != nil {
		return err
	}
	var open []string
	for _, r := range routes.Items {
		if key := aws.ToString(r.RouteKey); r.AuthorizationType == gateway2.AuthorizationTypeNone && !strings.HasPrefix(key, "OPTIONS ") {
			open = append(open, key)
		}
	}
	if len(open) > 0 {
		s.add(openTo(name(api.Name, api.ApiId), open))
	}
	return nil
}

func (d *deployment) checkHTTPAuthorizer(s *sheet, called string, a gateway2.Authorizer) {
	simple, wanted := aws.ToBool(a.EnableSimpleResponses), d.stack.parameters["HttpApiResponse"] == "simple"
	if version := aws.ToString(a.AuthorizerPayloadFormatVersion); version == "1.0" {
		s.add(Finding{Severity: Risk, What: called + " sends payload 1.0 to the authorizer", Why: "A bad credential may be shown as a 500.",
			Do: `Set AuthorizerPayloadFormatVersion: "2.0".`})
	} else if simple != wanted {
		s.add(Finding{Severity: Broken, What: called + " and Latchkey disagree about simple responses", Why: "Every request to it gets a 500.",
			Do: "Set EnableSimpleResponses of that API to " + map[bool]string{true: "true", false: "false"}[wanted] + ", or change Latchkey's parameter HttpApiResponse for all HTTP APIs."})
	}
	seconds := aws.ToInt32(a.AuthorizerResultTtlInSeconds)
	if seconds == 0 {
		return
	}
	sources := strings.Join(a.IdentitySource, " ")
	f := d.cached(called, seconds, false, strings.Contains(sources, "sourceIp"))
	if simple && (!strings.Contains(sources, "$context.routeKey") || !strings.Contains(sources, "$context.path")) {
		f.Severity = Broken
		f.Why = "Who is allowed on one route is allowed on all of them for that time. " + f.Why
	}
	s.add(f)
}
