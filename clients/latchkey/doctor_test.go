//go:build e2e

package main_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
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

func shell(t *testing.T, command string) string {
	t.Helper()
	c := exec.Command("sh", "-c", command) //nolint:gosec // the doctor or this test wrote it
	c.Env = append(os.Environ(), "PATH="+awsTool(t)+":"+os.Getenv("PATH"))
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}

// awsTool is the folder of the AWS command line that `make test` installs.
func awsTool(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return folder + "/../../.local/venvs/aws/bin"
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

func faults(of func(logical string) string) []fault {
	table, group, counter, edge := of("Table"), of("LogGroup"), of("UsesCountFunction"), of("EdgeAuthorizerFunction")
	return []fault{
		{"aws dynamodb update-time-to-live --table-name " + table + " --time-to-live-specification Enabled=false,AttributeName=expires_at", "time to live", "is off", checkup.Risk},
		{"aws dynamodb update-continuous-backups --table-name " + table + " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=false", "backups", "is off", checkup.Risk},
		{"aws dynamodb update-table --table-name " + table + " --no-deletion-protection-enabled", "table", "not protected", checkup.Risk},
		{"aws secretsmanager delete-secret --secret-id " + of("SigningSecret") + " --recovery-window-in-days 7", "signing secret", "about to be deleted", checkup.Broken},
		{"aws secretsmanager put-secret-value --secret-id " + of("PepperSecret") + " --secret-string '{\"current\": \"9\"}'", "pepper", "no function accepts", checkup.Broken},
		{"aws logs delete-subscription-filter --log-group-name " + group + " --filter-name " + of("UsesSubscription"), "uses of keys", "no subscription", checkup.Broken},
		{"aws lambda remove-permission --function-name " + counter + " --statement-id \"$(aws lambda get-policy --function-name " + counter +
			" --query Policy --output text | python3 -c 'import json, sys; print(json.load(sys.stdin)[\"Statement\"][0][\"Sid\"])')\"", "uses of keys", "does not let CloudWatch Logs", checkup.Broken},
		{"aws lambda remove-permission --function-name " + edge + " --statement-id \"$(aws lambda get-policy --function-name " + edge +
			" --query Policy --output text | python3 -c 'import json, sys; print(json.load(sys.stdin)[\"Statement\"][0][\"Sid\"])')\"", "authorizers", "does not let API Gateway", checkup.Broken},
		{"aws logs put-retention-policy --log-group-name " + of("FunctionsLogGroup") + " --retention-in-days 1", "logs", "keeps its lines 1 days", checkup.Risk},
		{"aws cloudwatch disable-alarm-actions --alarm-names " + of("CrashesAlarm"), "alarms", "switched off", checkup.Risk},
		{"aws lambda put-function-concurrency --function-name " + edge + " --reserved-concurrent-executions 0", "concurrency", "switched off", checkup.Broken},
		{"aws lambda update-function-configuration --function-name " + of("HealthFunction") + " --environment 'Variables={TABLE_NAME=another}'", "settings of functions", "HealthFunction has other settings", checkup.Broken},
		{"aws apigateway update-authorizer --rest-api-id " + of("Api") + " --authorizer-id $(aws apigateway get-authorizers --rest-api-id " + of("Api") +
			" --query 'items[0].id' --output text) --patch-operations op=replace,path=/authorizerResultTtlInSeconds,value=300", "own authorizer", "caches", checkup.Broken},
		{"aws apigateway create-deployment --rest-api-id " + of("Api") + " --stage-name Stage", "stage", "a second public stage", checkup.Risk},
	}
}

// resources are the physical ids of the stack.
func resources(t *testing.T) func(logical string) string {
	t.Helper()
	found := map[string]string{}
	listed := shell(t, "aws cloudformation describe-stack-resources --stack-name latchkey --query 'StackResources[].[LogicalResourceId,PhysicalResourceId]' --output text")
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

func together(commands []string, run func(command string)) {
	var running sync.WaitGroup
	slots := make(chan struct{}, 4)
	for _, command := range commands {
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			run(command)
		})
	}
	running.Wait()
}

func TestDoctorFindsEachFaultAndWhatItPrintsMendsIt(t *testing.T) {
	made := faults(resources(t))
	var breaking, mending []string
	for _, f := range made {
		breaking = append(breaking, f.command)
	}
	together(breaking, func(command string) { shell(t, command) })
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
	together(mending, func(command string) { shell(t, command) })
	if left := without(examine(t, 8, nil)); len(left) > 0 {
		t.Errorf("after that it still finds %+v", left)
	}
}

// These have no command that mends them: what to do needs a choice.
func TestDoctorFindsWhatOthersSetWrongAndWhatHappened(t *testing.T) {
	of := resources(t)
	uri := "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:" + of("EdgeAuthorizerFunction") + "/invocations"
	before := time.Now().Add(2*time.Minute - 24*time.Hour).UTC().Format(time.RFC3339)
	made := strings.Fields(shell(t, `
		set -e
		HTTP=$(aws apigatewayv2 create-api --name shop --protocol-type HTTP --query ApiId --output text)
		aws apigatewayv2 create-authorizer --api-id $HTTP --name l --authorizer-type REQUEST --authorizer-uri '`+uri+`' --authorizer-payload-format-version 2.0 \
			--enable-simple-responses --authorizer-result-ttl-in-seconds 60 --identity-source '$request.header.Authorization' >&2
		aws apigatewayv2 create-route --api-id $HTTP --route-key 'GET /free' >&2
		REST=$(aws apigateway create-rest-api --name old --query id --output text)
		aws apigateway create-authorizer --rest-api-id $REST --name l --type TOKEN --authorizer-uri '`+uri+`' --identity-source method.request.header.Authorization \
			--authorizer-result-ttl-in-seconds 300 >&2
		aws apigateway put-gateway-response --rest-api-id `+of("Api")+` --response-type THROTTLED --status-code 418 >&2
		aws cloudwatch set-alarm-state --alarm-name `+of("CrashesAlarm")+` --state-value ALARM --state-reason tried
		aws cloudwatch put-metric-data --namespace Latchkey/latchkey --metric-name Crashes --value 3 --timestamp `+before+`
		echo MADE $HTTP $REST`))
	at := slices.Index(made, "MADE")
	if at < 0 {
		t.FailNow()
	}
	made = made[at+1:]
	defer shell(t, `
		aws apigatewayv2 delete-api --api-id `+made[0]+`
		aws apigateway delete-rest-api --rest-api-id `+made[1]+`
		SAME="--rest-api-id `+of("Api")+` --response-type QUOTA_EXCEEDED"  # the template words both alike
		aws apigateway put-gateway-response --rest-api-id `+of("Api")+` --response-type THROTTLED --status-code 429 \
			--response-templates "$(aws apigateway get-gateway-response $SAME --query responseTemplates --output json)" \
			--response-parameters "$(aws apigateway get-gateway-response $SAME --query responseParameters --output json)"
		aws cloudwatch set-alarm-state --alarm-name `+of("CrashesAlarm")+` --state-value OK --state-reason tried`)
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
	shell(t, "aws iam create-user --user-name "+user+" && aws iam put-user-policy --user-name "+user+" --policy-name p --policy-document '"+policy+"'")
	made := strings.Fields(shell(t, "aws iam create-access-key --user-name "+user+" --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text"))
	if len(made) != 2 {
		t.Fatalf("the access key of %s is %q", user, made)
	}
	t.Cleanup(func() {
		shell(t, "aws iam delete-access-key --user-name "+user+" --access-key-id "+made[0]+" && aws iam delete-user-policy --user-name "+user+
			" --policy-name p && aws iam delete-user --user-name "+user)
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
