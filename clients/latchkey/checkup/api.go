package checkup

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
)

func checkStage(ctx context.Context, d *deployment, s *sheet) error {
	id, name := d.stack.id("Api"), d.stack.outputs["StageName"]
	out, err := d.aws.gateway.GetStages(ctx, &apigateway.GetStagesInput{RestApiId: &id})
	if isCode(err, "NotFoundException") {
		s.add(Finding{Severity: Broken, What: "the API " + id + " does not exist", Why: "Nobody reaches the deployment.",
			Do: "Delete the stack and deploy again: the table and the pepper are kept (docs/deploy.md, Rollback)."})
		return nil
	}
	if err != nil {
		return err
	}
	found := false
	for _, stage := range out.Item {
		switch aws.ToString(stage.StageName) {
		case name:
			found = true
			if stage.CacheClusterEnabled {
				s.add(Finding{Severity: Broken, What: "the stage caches answers", Why: "An answer to one caller may be given to another.", Do: "Switch the cache off.",
					Command: "aws apigateway update-stage --rest-api-id " + id + " --stage-name " + name + " --patch-operations op=replace,path=/cacheClusterEnabled,value=false"})
			}
		case "Stage":
			s.add(Finding{Severity: Risk, What: "the API has a second public stage, called Stage", Why: "SAM made it for a release before, and it serves what was deployed then.",
				Do: "Delete it.", Command: "aws apigateway delete-stage --rest-api-id " + id + " --stage-name Stage"})
		}
	}
	if !found {
		s.add(Finding{Severity: Broken, What: "the stage " + name + " does not exist", Why: "Nobody reaches the deployment.", Do: "Make it of the last deployment of the API.",
			Command: d.makeStage(ctx, id, name)})
	}
	return nil
}

// makeStage is the command for a stage of the newest deployment; "" if there is none.
func (d *deployment) makeStage(ctx context.Context, id, name string) string {
	out, err := d.aws.gateway.GetDeployments(ctx, &apigateway.GetDeploymentsInput{RestApiId: &id})
	if err != nil || len(out.Items) == 0 {
		return ""
	}
	newest := out.Items[0]
	for _, each := range out.Items {
		if latest(each.CreatedDate).After(latest(newest.CreatedDate)) {
			newest = each
		}
	}
	return "aws apigateway create-stage --rest-api-id " + id + " --stage-name " + name + " --deployment-id " + aws.ToString(newest.Id)
}

// worded are the refusals of API Gateway itself that the template words, with the status of each.
var worded = map[string]string{
	"UNAUTHORIZED": "401", "ACCESS_DENIED": "403", "MISSING_AUTHENTICATION_TOKEN": "404", "INVALID_SIGNATURE": "404", "EXPIRED_TOKEN": "404",
	"RESOURCE_NOT_FOUND": "404", "DEFAULT_4XX": "404", "THROTTLED": "429", "QUOTA_EXCEEDED": "429", "REQUEST_TOO_LARGE": "413",
	"DEFAULT_5XX": "503", "AUTHORIZER_FAILURE": "503", "AUTHORIZER_CONFIGURATION_ERROR": "503", "API_CONFIGURATION_ERROR": "503",
	"INTEGRATION_FAILURE": "503", "INTEGRATION_TIMEOUT": "503",
}

func checkGatewayResponses(ctx context.Context, d *deployment, s *sheet) error {
	id := d.stack.id("Api")
	out, err := d.aws.gateway.GetGatewayResponses(ctx, &apigateway.GetGatewayResponsesInput{RestApiId: &id, Limit: aws.Int32(500)})
	if err != nil {
		return err
	}
	right := map[string]bool{}
	for _, r := range out.Items {
		name := string(r.ResponseType)
		right[name] = aws.ToString(r.StatusCode) == worded[name] && strings.Contains(r.ResponseTemplates["application/json"], "error_code")
	}
	var wrong []string
	for _, name := range sorted(worded) {
		if !right[name] {
			wrong = append(wrong, name)
		}
	}
	if len(wrong) > 0 {
		s.add(Finding{Severity: Broken, What: "gateway responses are missing or changed: " + strings.Join(wrong, ", "),
			Why: "These refusals have API Gateway's own status and text, which clients of Latchkey do not expect.",
			Do:  "Change the Description of the stack's template and deploy it, so that CloudFormation imports the API anew."})
	}
	return nil
}

func checkOwnAuthorizer(ctx context.Context, d *deployment, s *sheet) error {
	id := d.stack.id("Api")
	out, err := d.aws.gateway.GetAuthorizers(ctx, &apigateway.GetAuthorizersInput{RestApiId: &id, Limit: aws.Int32(500)})
	if err != nil {
		return err
	}
	for _, a := range out.Items {
		if aws.ToInt32(a.AuthorizerResultTtlInSeconds) > 0 {
			s.add(Finding{Severity: Broken, What: "API Gateway caches the answers of Latchkey's own authorizer", Why: "A key or a session that was revoked goes on working.",
				Do: "Switch the cache off, and deploy the API.",
				Command: "aws apigateway update-authorizer --rest-api-id " + id + " --authorizer-id " + aws.ToString(a.Id) +
					" --patch-operations op=replace,path=/authorizerResultTtlInSeconds,value=0 && aws apigateway create-deployment --rest-api-id " + id +
					" --stage-name " + d.stack.outputs["StageName"]})
		}
	}
	return nil
}
