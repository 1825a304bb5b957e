package checkup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gateway "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/latchkey/latchkey/clients/latchkey/endpoint"
)

// exported are the authorizers that other people's APIs use.
var exported = []string{"EdgeAuthorizerFunction", "FunctionModeAuthorizerFunction"}

// isOurs reports whether an authorizer's address names a function that the stack exports.
func (d *deployment) isOurs(uri string) bool {
	return slices.ContainsFunc(exported, func(logical string) bool { return strings.Contains(uri, ":function:"+d.stack.id(logical)+"/") })
}

func checkRESTAPIs(ctx context.Context, d *deployment, s *sheet) error {
	pages := apigateway.NewGetRestApisPaginator(d.aws.gateway, &apigateway.GetRestApisInput{Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, api := range page.Items {
			if aws.ToString(api.Id) != d.stack.id("Api") {
				s.gap(d.checkRESTAPI(ctx, s, api))
			}
		}
	}
	return nil
}

func (d *deployment) checkRESTAPI(ctx context.Context, s *sheet, api gateway.RestApi) error {
	out, err := d.aws.gateway.GetAuthorizers(ctx, &apigateway.GetAuthorizersInput{RestApiId: api.Id, Limit: aws.Int32(500)})
	if err != nil {
		return err
	}
	called, guarded := name(api.Name, api.Id), false
	for _, a := range out.Items {
		if !d.isOurs(aws.ToString(a.AuthorizerUri)) {
			continue
		}
		guarded = true
		if seconds := aws.ToInt32(a.AuthorizerResultTtlInSeconds); seconds > 0 {
			s.add(d.cached(called, seconds, d.flushes(aws.ToString(api.Id)), strings.Contains(aws.ToString(a.IdentitySource), "sourceIp")))
		}
		if a.Type == gateway.AuthorizerTypeToken {
			s.add(Finding{Severity: Note, What: called + " has a TOKEN authorizer", Why: "It sees one header only: keys with allowed_ips are refused, and a header may override the method.",
				Do: "Use FunctionPayloadType: REQUEST."})
		}
	}
	if !guarded {
		return nil
	}
	s.gap(d.checkSecondStage(ctx, s, called, api.Id))
	open, err := d.openMethods(ctx, api.Id)
	if len(open) > 0 {
		s.add(openTo(called, open))
	}
	return err
}

func (d *deployment) checkSecondStage(ctx context.Context, s *sheet, called string, id *string) error {
	out, err := d.aws.gateway.GetStages(ctx, &apigateway.GetStagesInput{RestApiId: id})
	if err != nil {
		return err
	}
	for _, stage := range out.Item {
		if _, stale := endpoint.Second(stage, out.Item); stale {
			s.add(Finding{Severity: Broken, What: called + " has a second public stage, called Stage",
				Why: "SAM made it, and it serves an older deployment, perhaps one without the authorizer.",
				Do:  "Delete it.", Command: "aws apigateway delete-stage --rest-api-id " + aws.ToString(id) + " --stage-name Stage"})
		}
	}
	return nil
}

// openMethods are the methods of an API that no authorizer guards.
func (d *deployment) openMethods(ctx context.Context, id *string) (open []string, err error) {
	pages := apigateway.NewGetResourcesPaginator(d.aws.gateway, &apigateway.GetResourcesInput{RestApiId: id, Embed: []string{"methods"}, Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return open, err
		}
		for _, r := range page.Items {
			for method, m := range r.ResourceMethods {
				if method != "OPTIONS" && strings.EqualFold(aws.ToString(m.AuthorizationType), "NONE") {
					open = append(open, method+" "+aws.ToString(r.Path))
				}
			}
		}
	}
	slices.Sort(open)
	return open, nil
}

func openTo(api string, routes []string) Finding {
	const most = 5
	more := ""
	if n := len(routes) - most; n > 0 {
		routes, more = routes[:most], fmt.Sprintf(" and %d more", n)
	}
	return Finding{Severity: Note, What: api + " has routes without an authorizer: " + strings.Join(routes, ", ") + more, Why: "Everybody may call them.",
		Do: "If one should be guarded, set DefaultAuthorizer, or Auth at its event, and deploy that API."}
}

// flushes reports whether a revocation empties the cache of an API.
func (d *deployment) flushes(api string) bool {
	for stage := range strings.SplitSeq(d.stack.parameters["CachedStages"], ",") {
		if strings.HasPrefix(strings.TrimSpace(stage), api+"/") {
			return true
		}
	}
	return false
}

func (d *deployment) cached(api string, seconds int32, flushed, byAddress bool) Finding {
	f := Finding{Severity: Risk, What: fmt.Sprintf("%s caches the authorizer's answers for %d s", api, seconds),
		Why: fmt.Sprintf("A revoked key goes on working there for up to %d s, and only one request in that time is limited and logged.", seconds),
		Do:  "Set its ReauthorizeEvery (HTTP APIs: AuthorizerResultTtlInSeconds) to 0, or have a revocation flush it: CachedStages (docs/authorizer.md, Caching)."}
	if flushed {
		f.Severity, f.Do = Note, "Nothing, if you mean it so: a revocation flushes this cache, an expiry does not."
		f.Why = fmt.Sprintf("Only one request in %d s is limited and logged, and what expires works for up to as long.", seconds)
	}
	if !byAddress {
		f.Why += " A key with allowed_ips works from every address meanwhile."
	}
	return f
}

// name is what people call an API.
func name(title, id *string) string { return aws.ToString(title) + " (" + aws.ToString(id) + ")" }

func checkCachedStages(ctx context.Context, d *deployment, s *sheet) error {
	for entry := range strings.SplitSeq(d.stack.parameters["CachedStages"], ",") {
		api, stage, ok := strings.Cut(strings.TrimSpace(entry), "/")
		if !ok {
			continue
		}
		_, err := d.aws.gateway.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api, StageName: &stage})
		if isCode(err, "NotFoundException") {
			s.add(Finding{Severity: Risk, What: "CachedStages names " + entry + ", which does not exist", Why: "Each revocation waits for a flush that fails.",
				Do: "Deploy with CachedStages without it."})
			continue
		}
		s.gap(err)
	}
	return nil
}
