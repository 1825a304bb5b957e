//go:build e2e

package aws

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// calling has CallingFunction of template.yaml make a call: its policies grant little.
func calling(service, method, path, target, body string) request {
	return get("/call").told(map[string]any{"do": "call", "call": map[string]string{
		"service": service, "method": method, "path": path, "target": target, "body": body}})
}

func dynamo(operation, body string, arguments ...any) request {
	return calling("dynamodb", http.MethodPost, "/", "DynamoDB_20120810."+operation, fmt.Sprintf(body, arguments...))
}

func secret(arn string) request {
	return calling("secretsmanager", http.MethodPost, "/", "secretsmanager.GetSecretValue", fmt.Sprintf(`{"SecretId":"%s"}`, arn))
}

func TestCallsThatAreGrantedAreMade(t *testing.T) {
	table := probe.TableName
	for name, r := range map[string]request{
		"item":        dynamo("GetItem", `{"TableName":"%s","Key":{"pk":{"S":"mine-1"}}}`, table),
		"index":       dynamo("Query", byOther, table),
		"transaction": dynamo("TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"%s","Item":{"pk":{"S":"mine-2"}}}}]}`, table),
		"secret":      secret(probe.SecretARN),
	} {
		t.Run(name, func(t *testing.T) { send(t, r).is(t, 200) })
	}
}

const byOther = `{"TableName":"%s","IndexName":"by_other","KeyConditionExpression":"other = :o","ExpressionAttributeValues":{":o":{"S":"o"}}}`

func TestRowIAMCallWithoutAGrantIsRefused(t *testing.T) {
	table := probe.TableName
	onTable := `arn:aws:dynamodb:us-east-1:\d{12}:table/` + table
	const put = `{"Put":{"TableName":"%s","Item":{"pk":{"S":"mine-3"}}}}`
	for name, want := range map[string]struct {
		call             request
		status           int
		action, resource string
	}{
		"item of others": {dynamo("GetItem", `{"TableName":"%s","Key":{"pk":{"S":"theirs"}}}`, table), 400, "dynamodb:GetItem", onTable},
		"action":         {dynamo("DeleteItem", `{"TableName":"%s","Key":{"pk":{"S":"mine-1"}}}`, table), 400, "dynamodb:DeleteItem", onTable},
		"batch":          {dynamo("BatchGetItem", `{"RequestItems":{"%s":{"Keys":[{"pk":{"S":"mine-1"}}]}}}`, table), 400, "dynamodb:BatchGetItem", onTable},
		"table instead of index": {dynamo("Query", `{"TableName":"%s","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"mine-1"}}}`, table),
			400, "dynamodb:Query", onTable},
		"second item of a transaction": {dynamo("TransactWriteItems", `{"TransactItems":[`+put+`,{"Delete":{"TableName":"%s","Key":{"pk":{"S":"mine-1"}}}}]}`, table, table),
			400, "dynamodb:DeleteItem", onTable},
		"condition of a transaction": {dynamo("TransactWriteItems",
			`{"TransactItems":[`+put+`,{"ConditionCheck":{"TableName":"%s","Key":{"pk":{"S":"mine-1"}},"ConditionExpression":"attribute_exists(pk)"}}]}`, table, table),
			400, "dynamodb:ConditionCheckItem", onTable},
		"item of others in a transaction": {dynamo("TransactWriteItems", `{"TransactItems":[`+put+`,{"Put":{"TableName":"%s","Item":{"pk":{"S":"theirs"}}}}]}`, table, table),
			400, "dynamodb:PutItem", onTable},
		"secret": {secret(probe.OtherSecretARN), 400, "secretsmanager:GetSecretValue", regexp.QuoteMeta(probe.OtherSecretARN)},
		"flush of a cache": {calling("apigateway", http.MethodDelete, "/restapis/"+probe.APIID+"/stages/probe/cache/authorizers", "", ""),
			403, "apigateway:DELETE", "arn:aws:apigateway:us-east-1::/restapis/" + probe.APIID + "/stages/probe/cache/authorizers"},
		"function": {calling("lambda", http.MethodPost, "/2015-03-31/functions/"+probe.FunctionName+"/invocations", "", "{}"),
			403, "lambda:InvokeFunction", `arn:aws:lambda:us-east-1:\d{12}:function:` + probe.FunctionName},
	} {
		t.Run(name, func(t *testing.T) {
			a := send(t, want.call).is(t, want.status)
			message := `User: arn:aws:sts::\d{12}:assumed-role/probe-CallingFunctionRole-\w+/probe-CallingFunction-\w+ is not authorized to perform: ` +
				want.action + ` on resource: ` + want.resource + ` because no identity-based policy allows the ` + want.action + ` action`
			if !strings.Contains(a.body, "AccessDeniedException") {
				t.Errorf("it is no AccessDeniedException: %s", a.body)
			}
			if !regexp.MustCompile(message).MatchString(a.body) {
				t.Errorf("it does not name the caller, the action and the resource: %s", a.body)
			}
		})
	}
}

func TestRowIAMCallWithoutASignatureIsRefused(t *testing.T) {
	a := send(t, request{method: http.MethodPost, url: os.Getenv("AWS_ENDPOINT_URL") + "/", body: `{"TableName":"` + probe.TableName + `"}`,
		header: map[string]string{"X-Amz-Target": "DynamoDB_20120810.DescribeTable"}}).is(t, 400)
	if !strings.Contains(a.body, "MissingAuthenticationToken") {
		t.Errorf("it says %s", a.body)
	}
}

func TestRowIAMApiCallsOnlyAFunctionThatLetsIt(t *testing.T) {
	path := "/2015-03-31/functions/" + probe.WarnedFunctionName + "/policy"
	send(t, get("/warned")).is(t, 200)
	_, statements := policyOf(t, probe.WarnedFunctionName)
	for _, s := range statements {
		awsCall{"lambda", http.MethodDelete, path + "/" + s.Sid, ""}.is(t, 204)
		t.Cleanup(func() {
			awsCall{"lambda", http.MethodPost, path, fmt.Sprintf(
				`{"StatementId":"%s","Action":"lambda:InvokeFunction","Principal":"apigateway.amazonaws.com","SourceArn":"%s"}`,
				s.Sid, s.Condition.ArnLike["AWS:SourceArn"])}.is(t, 201)
		})
	}
	send(t, get("/warned")).is(t, 500)
}
