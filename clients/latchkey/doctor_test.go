//go:build e2e

package main_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/clients/latchkey/checkup"
	"github.com/latchkey/latchkey/tests/expect"
)

// examine runs the doctor on the stack of the tests. The environment has the AWS credentials, unless env replaces them.
func examine(t *testing.T, exit int, env []string, args ...string) checkup.Report {
	t.Helper()
	h := newHome(t, append(awsEnvironment(), env...)...)
	return decode[checkup.Report](t, h.run(t, "", append([]string{"doctor", "--json"}, args...)...).is(t, exit))
}

// awsEnvironment are the variables that lead AWS clients to the stack of the tests.
func awsEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(pair string) bool { return !strings.HasPrefix(pair, "AWS_") })
}

// without are the findings but those that are true of every local stack: nobody is told of its alarms.
func without(r checkup.Report) (findings []checkup.Finding) {
	for _, f := range r.Findings {
		if f.Severity != checkup.Note && !strings.HasSuffix(f.What, "alarms tell nobody") {
			findings = append(findings, f)
		}
	}
	return findings
}

// awsCommands runs commands as the doctor prints them, all in one process of the AWS command line. It returns what they print.
func awsCommands(t *testing.T, commands ...string) string {
	t.Helper()
	var printed bytes.Buffer
	c := exec.Command("../../.local/venvs/aws/bin/python", "../../local/aws_commands.py")
	c.Stdin = strings.NewReader(strings.Join(commands, "\n"))
	c.Stdout, c.Stderr = &printed, &printed
	if err := c.Run(); err != nil {
		t.Errorf("%v\n%s", err, &printed)
	}
	return printed.String()
}

func TestDoctorFindsASoundDeploymentSound(t *testing.T) {
	r := examine(t, 8, nil)
	if found := without(r); len(found)+len(r.NotChecked) > 0 {
		t.Errorf("it finds %+v, and does not check %+v", found, r.NotChecked)
	}
	expect.Same(t, "that it checks the table and the address", slices.Contains(r.Sound, "table") && slices.Contains(r.Sound, "refusals"), true)
}

// A fault is made by a command, and what the doctor prints for it must mend it.
type fault struct {
	command, check, what string
	severity             checkup.Severity
}

func faults(of, sid func(string) string, authorizer, guarded string) []fault {
	table, group, counter, edge := of("Table"), of("LogGroup"), of("UsesCountFunction"), of("EdgeAuthorizerFunction")
	return []fault{
		{"aws dynamodb update-time-to-live --table-name " + table + " --time-to-live-specification Enabled=false,AttributeName=expires_at", "time to live", "is off", checkup.Risk},
		{"aws dynamodb update-continuous-backups --table-name " + table + " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=false", "backups", "is off", checkup.Risk},
		{"aws dynamodb update-table --table-name " + table + " --no-deletion-protection-enabled", "table", "not protected", checkup.Risk},
		{"aws secretsmanager delete-secret --secret-id " + of("SigningSecret") + " --recovery-window-in-days 7", "signing secret", "about to be deleted", checkup.Broken},
		{"aws secretsmanager put-secret-value --secret-id " + of("PepperSecret") + " --secret-string '{\"current\": \"9\"}'", "pepper", "no function accepts", checkup.Broken},
		{"aws logs delete-subscription-filter --log-group-name " + group + " --filter-name " + of("UsesSubscription"), "uses of keys", "no subscription", checkup.Broken},
		{"aws lambda remove-permission --function-name " + counter + " --statement-id " + sid(counter), "uses of keys", "does not let CloudWatch Logs", checkup.Broken},
		{"aws lambda remove-permission --function-name " + edge + " --statement-id " + sid(edge), "authorizers", "does not let API Gateway", checkup.Broken},
		{"aws logs put-retention-policy --log-group-name " + of("FunctionsLogGroup") + " --retention-in-days 1", "logs", "keeps its lines 1 days", checkup.Risk},
		{"aws cloudwatch disable-alarm-actions --alarm-names " + of("CrashesAlarm"), "alarms", "switched off", checkup.Risk},
		{"aws lambda put-function-concurrency --function-name " + edge + " --reserved-concurrent-executions 0", "concurrency", "switched off", checkup.Broken},
		{"aws lambda update-function-configuration --function-name " + of("HealthFunction") + " --environment 'Variables={TABLE_NAME=another}'", "settings of functions", "HealthFunction has other settings", checkup.Broken},
		{"aws apigateway update-authorizer --rest-api-id " + of("Api") + " --authorizer-id " + authorizer +
			" --patch-operations op=replace,path=/authorizerResultTtlInSeconds,value=300", "own authorizer", "caches", checkup.Broken},
		{"aws apigateway create-deployment --rest-api-id " + of("Api") + " --stage-name Stage", "stage", "a second public stage", checkup.Risk},
		{"aws apigateway create-deployment --rest-api-id " + guarded + " --stage-name Stage", "REST APIs behind the authorizer", "a second public stage", checkup.Broken},
	}
}

// exampleAPI is the id of the API of `make example`, which the stack guards.
func exampleAPI(t *testing.T) string {
	t.Helper()
	id := strings.TrimSpace(awsCommands(t, "aws cloudformation describe-stack-resource --stack-name campaigns --logical-resource-id Api "+
		"--query StackResourceDetail.PhysicalResourceId --output text"))
	if id == "" || strings.Contains(id, " ") {
		t.Fatalf("make example is missing: %s", id)
	}
	return id
}

// resources are the physical ids of the stack.
func resources(t *testing.T) func(logical string) string {
	t.Helper()
	found := map[string]string{}
	listed := awsCommands(t, "aws cloudformation describe-stack-resources --stack-name latchkey --query 'StackResources[].[LogicalResourceId,PhysicalResourceId]' --output text")
	for line := range strings.Lines(listed) {
		if logical, physical, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			found[logical] = physical
		}
	}
	return func(logical string) string {
		if found[logical] == "" {
			t.Fatalf("the stack has no %s", logical)
		}
		return found[logical]
	}
}

// statement is the id of the first statement of a function's own policy.
func statement(t *testing.T, function string) string {
	t.Helper()
	var policy struct{ Statement []struct{ Sid string } }
	text := awsCommands(t, "aws lambda get-policy --function-name "+function+" --query Policy --output text")
	if err := json.Unmarshal([]byte(text), &policy); err != nil || len(policy.Statement) == 0 {
		t.Fatalf("the policy of %s is %s", function, text)
	}
	return policy.Statement[0].Sid
}

func TestDoctorFindsEachFaultAndWhatItPrintsMendsIt(t *testing.T) {
	of := resources(t)
	authorizer := awsCommands(t, "aws apigateway get-authorizers --rest-api-id "+of("Api")+" --query items[0].id --output text")
	made := faults(of, func(function string) string { return statement(t, function) }, strings.TrimSpace(authorizer), exampleAPI(t))
	var breaking, mending []string
	for _, f := range made {
		breaking = append(breaking, f.command)
	}
	awsCommands(t, breaking...)
	r := examine(t, 8, nil)
	for _, f := range made {
		at := slices.IndexFunc(r.Findings, func(found checkup.Finding) bool {
			return found.Check == f.check && found.Severity == f.severity && strings.Contains(found.What, f.what)
		})
		if at < 0 {
			t.Errorf("it does not find this to be %s: %s", f.severity, f.command)
			continue
		}
		if found := r.Findings[at]; found.Command == "" || found.Why == "" || found.Do == "" {
			t.Errorf("it does not tell what to do: %+v", found)
		}
	}
	for _, f := range without(r) {
		if f.Command != "" && !slices.Contains(mending, f.Command) {
			mending = append(mending, f.Command)
		}
	}
	awsCommands(t, mending...)
	if left := without(examine(t, 8, nil)); len(left) > 0 {
		t.Errorf("after that it still finds %+v", left)
	}
}

// These have no command that mends them: what to do needs a choice.
func TestDoctorFindsWhatOthersSetWrongAndWhatHappened(t *testing.T) {
	of := resources(t)
	uri := "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:" + of("EdgeAuthorizerFunction") + "/invocations"
	before := time.Now().Add(2*time.Minute - 24*time.Hour).UTC().Format(time.RFC3339)
	made := strings.Fields(awsCommands(t, "aws apigatewayv2 create-api --name shop --protocol-type HTTP --query ApiId --output text",
		"aws apigateway create-rest-api --name old --query id --output text"))
	if len(made) != 2 {
		t.Fatalf("the APIs are %q", made)
	}
	api := " --rest-api-id " + of("Api")
	worded := strings.TrimSpace(awsCommands(t, "aws apigateway get-gateway-response"+api+" --response-type THROTTLED --query [responseParameters,responseTemplates] --output json"))
	var parts [2]json.RawMessage
	if err := json.Unmarshal([]byte(worded), &parts); err != nil {
		t.Fatal(err)
	}
	awsCommands(t, "aws apigatewayv2 create-authorizer --api-id "+made[0]+" --name l --authorizer-type REQUEST --authorizer-uri "+uri+
		" --authorizer-payload-format-version 2.0 --enable-simple-responses --authorizer-result-ttl-in-seconds 60 --identity-source '$request.header.Authorization'",
		"aws apigatewayv2 create-route --api-id "+made[0]+" --route-key 'GET /free'",
		"aws apigateway create-authorizer --rest-api-id "+made[1]+" --name l --type TOKEN --authorizer-uri "+uri+
			" --identity-source method.request.header.Authorization --authorizer-result-ttl-in-seconds 300",
		"aws apigateway put-gateway-response"+api+" --response-type THROTTLED --status-code 418",
		"aws cloudwatch set-alarm-state --alarm-name "+of("CrashesAlarm")+" --state-value ALARM --state-reason tried",
		"aws cloudwatch put-metric-data --namespace Latchkey/latchkey --metric-name Crashes --value 3 --timestamp "+before)
	defer func() {
		awsCommands(t, "aws apigatewayv2 delete-api --api-id "+made[0], "aws apigateway delete-rest-api --rest-api-id "+made[1],
			"aws apigateway put-gateway-response"+api+" --response-type THROTTLED --status-code 429 --response-parameters "+quoted(parts[0])+" --response-templates "+quoted(parts[1]),
			"aws cloudwatch set-alarm-state --alarm-name "+of("CrashesAlarm")+" --state-value OK --state-reason tried")
	}()
	r := examine(t, 8, nil)
	for _, want := range []struct {
		severity checkup.Severity
		what     string
	}{
		{checkup.Broken, "shop (" + made[0] + ") and Latchkey disagree about simple responses"},
		{checkup.Broken, "shop (" + made[0] + ") caches the authorizer's answers for 60 s"},
		{checkup.Note, "shop (" + made[0] + ") has routes without an authorizer: GET /free"},
		{checkup.Risk, "old (" + made[1] + ") caches the authorizer's answers for 300 s"},
		{checkup.Note, "old (" + made[1] + ") has a TOKEN authorizer"},
		{checkup.Broken, "gateway responses are missing or changed: THROTTLED"},
		{checkup.Broken, "CrashesAlarm is in alarm: Latchkey: a function crashed, cannot start or ran out of time"},
		{checkup.Risk, "functions crashed or ran out of time 3 times in the last 24 hours"},
	} {
		if !slices.ContainsFunc(r.Findings, func(f checkup.Finding) bool { return f.What == want.what && f.Severity == want.severity }) {
			t.Errorf("it does not find, as %s, that %s", want.severity, want.what)
		}
	}
	if t.Failed() {
		t.Logf("it finds %+v", r.Findings)
	}
}

func TestDoctorFindsAClockThatIsWrong(t *testing.T) {
	target, err := url.Parse(apiURL)
	if err != nil {
		t.Fatal(err)
	}
	for off, want := range map[time.Duration]checkup.Severity{time.Minute: checkup.Risk, -time.Hour: checkup.Broken} {
		proxy := httputil.NewSingleHostReverseProxy(target)
		proxy.ModifyResponse = func(res *http.Response) error {
			res.Header.Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
			return nil
		}
		server := httptest.NewServer(proxy)
		r := examine(t, 8, []string{"LATCHKEY_URL=" + server.URL})
		server.Close()
		at := slices.IndexFunc(r.Findings, func(f checkup.Finding) bool { return f.Check == "clock" })
		if at < 0 || r.Findings[at].Severity != want {
			t.Errorf("a clock that is %s off is not %s: %+v", off, want, r.Findings)
		}
		expect.Same(t, "that the address is not the issuer's", slices.ContainsFunc(r.Findings, func(f checkup.Finding) bool { return f.Check == "issuer" }), true)
	}
}

func TestDoctorDoesNotTakeForFineWhatItCannotReach(t *testing.T) {
	r := examine(t, 9, nil, "--stack", "there-is-none")
	expect.Same(t, "what is not checked", r.NotChecked[0].Check, "all that is on AWS")
	r = examine(t, 8, nil, "--url", "http://127.0.0.1:1")
	expect.Same(t, "the first finding", r.Findings[0].Check, "address")
}

// quoted is a JSON document as one word of a shell command.
func quoted(document []byte) string {
	var line bytes.Buffer
	if json.Compact(&line, document) != nil {
		panic("not JSON")
	}
	return "'" + strings.ReplaceAll(line.String(), "'", `'"'"'`) + "'"
}

// printedPolicy is the policy of docs/operations.md.
func printedPolicy(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "```json\n{\n  \"Version\"")
	policy, _, ok := strings.Cut(after, "```")
	if !ok {
		t.Fatal("docs/operations.md has no policy")
	}
	return "{\n  \"Version\"" + policy
}

// credentialsOf makes a user of IAM with a policy, and returns the variables with its credentials.
func credentialsOf(t *testing.T, user, policy string) []string {
	t.Helper()
	user += strings.ToLower(rand.Text()) // a run that was killed leaves one
	awsCommands(t, "aws iam create-user --user-name "+user, "aws iam put-user-policy --user-name "+user+" --policy-name p --policy-document "+quoted([]byte(policy)))
	made := strings.Fields(awsCommands(t, "aws iam create-access-key --user-name "+user+" --query AccessKey.[AccessKeyId,SecretAccessKey] --output text"))
	if len(made) != 2 {
		t.Fatalf("the access key of %s is %q", user, made)
	}
	t.Cleanup(func() {
		awsCommands(t, "aws iam delete-access-key --user-name "+user+" --access-key-id "+made[0],
			"aws iam delete-user-policy --user-name "+user+" --policy-name p", "aws iam delete-user --user-name "+user)
	})
	return []string{"AWS_ACCESS_KEY_ID=" + made[0], "AWS_SECRET_ACCESS_KEY=" + made[1]}
}

func TestDoctorNeedsNoMoreThanThePrintedPolicyAndNamesWhatIsMissing(t *testing.T) {
	policy := printedPolicy(t)
	r := examine(t, 8, credentialsOf(t, "doctor", policy))
	expect.Same(t, "the number of things that are not checked with the printed policy", len(r.NotChecked), 0)
	less := strings.ReplaceAll(policy, `"dynamodb:DescribeTimeToLive", `, "")
	less = strings.ReplaceAll(less, `"secretsmanager:GetSecretValue"`, `"secretsmanager:ListSecrets"`)
	r = examine(t, 8, credentialsOf(t, "intern", less))
	var needs []string
	for _, g := range r.NotChecked {
		needs = append(needs, g.Check+": "+g.Needs)
	}
	expect.Same(t, "what is not checked with less", strings.Join(needs, ", "),
		"time to live: dynamodb:DescribeTimeToLive, pepper: secretsmanager:GetSecretValue, signing secret: secretsmanager:GetSecretValue")
}
