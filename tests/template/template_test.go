package template_test

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// failures are the types of gateway response that a caller has no part in.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
var failures = []string{
	"DEFAULT_5XX", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT",
}

// unrouted are the types that answer a path or method which does not exist. With an
// Authorization header, API Gateway reads that as a signature (SigV4) and refuses it in one of
// these ways; which one it takes for a header that is no signature at all, no page says.
var unrouted = []string{"MISSING_AUTHENTICATION_TOKEN", "RESOURCE_NOT_FOUND", "INVALID_SIGNATURE", "EXPIRED_TOKEN", "DEFAULT_4XX"}

// others are the rest of the documented types.
var others = []string{
	"ACCESS_DENIED", "BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "INVALID_API_KEY", "QUOTA_EXCEEDED",
	"REQUEST_TOO_LARGE", "THROTTLED", "UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED",
}

func TestEveryTypeOfGatewayResponseIsWorded(t *testing.T) {
	responses := read(t, "template.yaml").Resources["Api"].Properties.GatewayResponses
	for _, kind := range slices.Concat(failures, unrouted, others) {
		r, ok := responses[kind]
		if !ok {
			t.Errorf("%s is left to API Gateway", kind)
			continue
		}
		var body struct {
			Status  int    `json:"status"`
			Title   string `json:"title"`
			Detail  string `json:"detail"`
			Code    string `json:"error_code"`
			Request string `json:"request_id"`
			OK      *bool  `json:"ok"`
			Error   string `json:"error"`
		}
		if err := json.Unmarshal([]byte(r.ResponseTemplates["application/json"]), &body); err != nil {
			t.Errorf("%s: its body is not JSON: %v", kind, err)
		}
		if body.Status != r.StatusCode {
			t.Errorf("%s: its status is %d, in the body %d", kind, r.StatusCode, body.Status)
		}
		if body.Code == "" {
			t.Errorf("%s: its body lacks error_code", kind)
		}
		if body.Request != "$context.requestId" {
			t.Errorf("%s: request_id: %v, want $context.requestId", kind, body.Request)
		}
		if body.OK == nil {
			t.Fatalf("%s: its body lacks ok", kind)
		}
		if *body.OK {
			t.Errorf("%s: ok: true, want false", kind)
		}
		if body.Error != cmp.Or(body.Detail, body.Title) {
			t.Errorf("%s: error: %v, want %v", kind, body.Error, cmp.Or(body.Detail, body.Title))
		}
		headers := r.ResponseParameters.Headers
		if headers["Content-Type"] != "'application/problem+json'" {
			t.Errorf("%s: its content type is %v", kind, headers["Content-Type"])
		}
		if headers["Cache-Control"] != "'no-store'" {
			t.Errorf("%s: it may be cached", kind)
		}
	}
	if known := len(failures) + len(unrouted) + len(others); len(responses) != known {
		t.Errorf("the template words %d types, this test knows %d", len(responses), known)
	}
}

func TestRow02And03EveryFailureAsksTheCallerToComeBack(t *testing.T) {
	responses := read(t, "template.yaml").Resources["Api"].Properties.GatewayResponses
	for _, kind := range failures {
		r := responses[kind]
		if r.StatusCode != 503 {
			t.Errorf("%s answers %d, not 503", kind, r.StatusCode)
		}
		if !strings.Contains(r.ResponseTemplates["application/json"], `"error_code":"SERVICE_UNAVAILABLE"`) {
			t.Errorf("%s does not say SERVICE_UNAVAILABLE", kind)
		}
		if r.ResponseParameters.Headers["Retry-After"] != "'1'" {
			t.Errorf("%s has no Retry-After", kind)
		}
	}
}

func TestRow04WhatMatchesNoRouteIsNotFoundWhateverIsSent(t *testing.T) {
	responses := read(t, "template.yaml").Resources["Api"].Properties.GatewayResponses
	for _, kind := range unrouted {
		r := responses[kind]
		if r.StatusCode != 404 {
			t.Errorf("%s answers %d, not 404", kind, r.StatusCode)
		}
		if !strings.Contains(r.ResponseTemplates["application/json"], `"error_code":"RESOURCE_NOT_FOUND"`) {
			t.Errorf("%s does not say RESOURCE_NOT_FOUND", kind)
		}
	}
}

func TestRow05And06And13OneStageEveryChangeInForceNoPermissionTwice(t *testing.T) {
	templates := shown(t)
	templates["template.yaml"] = read(t, "template.yaml")
	apis := 0
	for where, template := range templates {
		for name, r := range template.Resources {
			if r.Type != "AWS::Serverless::Api" {
				continue
			}
			apis++
			if !r.Properties.AlwaysDeploy {
				t.Errorf("%s: %s is not always deployed", where, name)
			}
			if r.Properties.OpenAPIVersion != "3.0.1" {
				t.Errorf("%s: SAM gives %s a second stage, called Stage", where, name)
			}
			for id, a := range r.Properties.Auth.Authorizers {
				if where != "template.yaml" && !a.DisableFunctionDefaultPermissions {
					t.Errorf("%s: authorizer %s of %s adds a statement to Latchkey's function policy", where, id, name)
				}
			}
		}
	}
	if apis < 3 {
		t.Errorf("only %d APIs were found in the template, the documents and the examples", apis)
	}
}

func TestTheWebACLOfTheDocumentsLetsCallersAtTheirLimitsThrough(t *testing.T) {
	ours := read(t, "template.yaml")
	const seconds = 300 // that the ACL looks back
	within := func(limits ...string) (sum uint64) {
		for _, name := range limits {
			sum += ours.number(t, name) * seconds / ours.number(t, "RateLimitWindow")
		}
		return sum
	}
	for where, acl := range shown(t) {
		if acl.Resources["Acl"].Type != "AWS::WAFv2::WebACL" {
			continue
		}
		if allowed, sent := acl.number(t, "RequestsOfAnAddress"), within("RateLimitRead", "RateLimitWrite", "RateLimitManagement"); allowed < 10*sent {
			t.Errorf("%s: %d requests of an address, but ten keys at their limits send %d", where, allowed, 10*sent)
		}
		if allowed, sent := acl.number(t, "LoginsOfAnAddress"), within("RateLimitAuth"); allowed <= sent {
			t.Errorf("%s: %d logins of an address, but %d are within its limit", where, allowed, sent)
		}
		return
	}
	t.Error("no document shows a web ACL")
}

// A function that hashes passwords has memory of its own, for the CPU that comes with it, as that of the usage has.
func TestRow14FunctionsThatTakePasswordsMayBeBounded(t *testing.T) {
	found := 0
	for name, r := range read(t, "template.yaml").Resources {
		if r.Properties.MemorySize == 0 || !routed(r) || name == "UsageGetFunction" {
			continue
		}
		found++
		if r.Properties.Reserved == nil {
			t.Errorf("%s does not heed PasswordConcurrency", name)
		}
	}
	if found < 3 {
		t.Errorf("only %d functions that take passwords were found", found)
	}
}

// Deliveries that add to one busy entry wait for each other, and each holds a sandbox.
func TestRow14CountingOfUsesMayBeBounded(t *testing.T) {
	if read(t, "template.yaml").Resources["UsesCountFunction"].Properties.Reserved == nil {
		t.Error("UsesCountFunction does not heed CountingConcurrency")
	}
}

// repeated are invoked by somebody who sees that they were throttled, and tries again: an operator,
// or Secrets Manager, which repeats a rotation that failed, or CloudFormation, or a mapping of a stream,
// whose age has an alarm, or EventBridge, whose event Lambda keeps for six hours, as it does those of the traces, whose loss has an alarm.
var repeated = []string{"CatalogueApplyFunction", "AdminBootstrapFunction", "UsesReplayFunction", "TableRestoreFunction", "SigningRotateFunction", "PepperRotateFunction", "KeyPairRotateFunction", "AuditExportFunction", "TracesExportFunction"}

// The API's count of 5xx answers has in it all that happens to a function that a route leads
// to. Crashes and time-outs of every function are counted from its log, throttles of one that
// no route leads to by Lambda.
func TestEveryFunctionIsWatchedByAlarms(t *testing.T) {
	whole := read(t, "template.yaml")
	resources := whole.Resources
	throttles, alarmed, filtered := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range resources {
		p := r.Properties
		switch r.Type {
		case "AWS::Logs::MetricFilter":
			filtered[p.LogGroupName] = filtered[p.LogGroupName] || strings.Contains(p.FilterPattern, `"Runtime exited"`) && strings.Contains(p.FilterPattern, `"Task timed out"`)
		case "AWS::CloudWatch::Alarm":
			alarmed[p.MetricName] = true
			for _, d := range p.Dimensions {
				throttles[d.Value] = throttles[d.Value] || p.MetricName == "Throttles"
			}
		}
	}
	for _, metric := range []string{"5XXError", "Crashes"} {
		if !alarmed[metric] {
			t.Errorf("no alarm watches %s", metric)
		}
	}
	for name, r := range resources {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		if group := cmp.Or(r.Properties.LoggingConfig.LogGroup, whole.Globals.Function.LoggingConfig.LogGroup); !filtered[group] {
			t.Errorf("crashes and time-outs of %s, which logs to %s, are not counted", name, group)
		}
		if !routed(r) && !slices.Contains(repeated, name) && !throttles[name] {
			t.Errorf("no alarm watches the throttles of %s, which no route leads to", name)
		}
	}
}

func TestOperatorsFindEveryAlarmInTheDocuments(t *testing.T) {
	text, err := os.ReadFile(root + "docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range read(t, "template.yaml").Resources {
		alarm, _ := strings.CutSuffix(name, "Alarm")
		if r.Type == "AWS::CloudWatch::Alarm" && !strings.Contains(string(text), "`"+alarm+"`") {
			t.Errorf("docs/operations.md does not tell what %s means", name)
		}
	}
}

func routed(r resource) bool {
	for _, e := range r.Properties.Events {
		if e.Type == "Api" {
			return true
		}
	}
	return false
}

// A browser asks with OPTIONS before it calls from another origin.
func TestEveryPathHasAnOptionsEvent(t *testing.T) {
	methods := map[string][]string{} // by path
	for _, r := range read(t, "template.yaml").Resources {
		for _, e := range r.Properties.Events {
			if e.Type == "Api" {
				methods[e.Properties.Path] = append(methods[e.Properties.Path], e.Properties.Method)
			}
		}
	}
	if len(methods) < 10 {
		t.Fatalf("only %d paths were found", len(methods))
	}
	for path, has := range methods {
		if !slices.Contains(has, "options") {
			t.Errorf("%s has no OPTIONS event: add it to CorsPreflightFactorsFunction", path)
		}
	}
}
