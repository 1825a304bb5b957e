package policy

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/tests/expect"
)

var matrixMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// matrix says for a caller's scopes and a path which of matrixMethods are open (+). It
// is written by hand, from docs/dialects.md and the catalogue's convention, not from the code.
//
//	scopes (words, separated by commas)   path   GET HEAD POST PUT PATCH DELETE OPTIONS
const matrix = `
	read:campaigns                  /api/campaigns                  ++-----
	read:campaigns                  /api/campaigns/7                ++-----
	read:campaigns                  /api/campaigns/7/notes          ++-----
	read:campaigns                  /api/campaigns/AbC.d_e~f-1      ++-----
	read:campaigns                  /api/campaigns/a%20b            ++-----
	read:campaigns                  /api/campaigns/..hidden         ++-----
	read:campaigns                  /api/campaigns/$LONG            ++-----
	read:campaigns                  /api/campaigns-evil             -------
	read:campaigns                  /api/campaigns-evil/7           -------
	read:campaigns                  /api/campaign                   -------
	read:campaigns                  /api/campaignsx                 -------
	read:campaigns                  /api                            -------
	read:campaigns                  /                               -------
	read:campaigns                  /campaigns                      -------
	read:campaigns                  /v2/api/campaigns               -------
	read:campaigns                  /x/GET/api/campaigns            -------
	read:campaigns                  /api/billing                    -------
	read:campaigns                  /api/campaigns/../billing       -------
	read:campaigns                  /api/campaigns/..               -------
	read:campaigns                  /api/campaigns/.                -------
	read:campaigns                  /api/campaigns/./7              -------
	read:campaigns                  /api/campaigns/7/../../billing  -------
	read:campaigns                  //api/campaigns                 -------
	read:campaigns                  /api//campaigns                 -------
	read:campaigns                  /api/campaigns//7               -------
	read:campaigns                  /api/campaigns/                 -------
	read:campaigns                  /api/campaigns/7/               -------
	read:campaigns                  /api/campaigns/%2e%2e/billing   -------
	read:campaigns                  /api/campaigns/%2E%2E/billing   -------
	read:campaigns                  /api/campaigns/.%2e/billing     -------
	read:campaigns                  /api/campaigns/..%2fbilling     -------
	read:campaigns                  /api/campaigns/..%5Cbilling     -------
	read:campaigns                  /api/campaigns%2F7              -------
	read:campaigns                  /api/campaigns/..;/billing      -------
	read:campaigns                  /api/campaigns/..;a=b/billing   -------
	read:campaigns                  /api/campaigns/;/7              -------
	read:campaigns                  /api/campaigns/7;a=b            -------
	read:campaigns                  /api/campaigns/..\billing       -------
	read:campaigns                  /api/campaigns/%252e%252e/x     -------
	read:campaigns                  /api/campaigns/..%252fbilling   -------
	read:campaigns                  /api/campaigns/..%25252fbilling -------
	read:campaigns                  /api/campaigns/..%3b/billing    -------
	read:campaigns                  /api/campaigns/..%3B/billing    -------
	read:campaigns                  /api/campaigns/..%00/billing    -------
	read:campaigns                  /api/campaigns/7%00.png         -------
	read:campaigns                  /api/campaigns/%c0%ae%c0%ae/x   -------
	read:campaigns                  /api/campaigns/%C0%AE./billing  -------
	read:campaigns                  /api/campaigns/..%c1%9cbilling  -------
	read:campaigns                  /api/campaigns/%e0%80%ae./x     -------
	read:campaigns                  /api/campaigns/%E0%80%AF..      -------
	read:campaigns                  /api/campaigns/%f0%80%80%ae./x  -------
	read:campaigns                  /api/campaigns/%F0%8F%BF%BF     -------
	read:campaigns                  /api/campaigns/%f8%80%80%80%ae  -------
	read:campaigns                  /api/campaigns/%fC%80%80%80%80  -------
	read:campaigns                  /api/campaigns/%e0%9f%bf        -------
	read:campaigns                  /api/campaigns/..%0d/billing    -------
	read:campaigns                  /api/campaigns/7%0a             -------
	read:campaigns                  /api/campaigns/7%1F             -------
	read:campaigns                  /api/campaigns/7%7F             -------
	read:campaigns                  /api/campaigns/7%3f             -------
	read:campaigns                  /api/campaigns/7%23             -------
	read:campaigns                  /api/campaigns/%u002e%u002e/x   -------
	read:campaigns                  /api/campaigns/%U002E./x        -------
	read:campaigns                  /api/campaigns/%%32e%%32e/x     -------
	read:campaigns                  /api/campaigns/%2%65.           -------
	read:campaigns                  /api/campaigns/100%25           -------
	read:campaigns                  /api/campaigns/..7              ++-----
	read:campaigns                  /api/campaigns/7..              ++-----
	read:campaigns                  /api/campaigns/.well-known      ++-----
	read:campaigns                  /api/campaigns/...              ++-----
	read:campaigns                  /api/campaigns/a+b              ++-----
	read:campaigns                  /api/campaigns/a%2Bb%26c%3Dd    ++-----
	read:campaigns                  /api/campaigns/urn%3Ax%3A7      ++-----
	read:campaigns                  /api/campaigns/a%40b.example    ++-----
	read:campaigns                  /api/campaigns/%22a%22%20%27b   ++-----
	read:campaigns                  /api/campaigns/100%E2%80%AF%24  ++-----
	read:campaigns                  /api/campaigns/%E0%A4%85%E1%80  ++-----
	read:campaigns                  /api/campaigns/%F0%9F%98%80     ++-----
	read:campaigns                  /api/campaigns/%F0%90%80%80     ++-----
	read:campaigns                  /api/campaigns/%E6%97%A5%E6%9C  ++-----
	read:campaigns                  /api/campaigns/caf%C3%A9        ++-----
	read:campaigns                  /api/campaigns/50%e2%82%ac      ++-----
	read:campaigns                  /api/campaigns/a,b:c@d!e'f(g)   ++-----
	read:campaigns                  /api/%63ampaigns                -------
	read:campaigns                  /API/campaigns                  -------
	read:campaigns                  /api/Campaigns                  -------
	read:campaigns                  /$LONG                          -------
	read:campaigns                  /v1/runs                        -------
	write:campaigns                 /api/campaigns                  --++++-
	write:campaigns                 /api/campaigns/7                --++++-
	write:campaigns                 /api/campaigns/../billing       -------
	write:campaigns                 /api/campaigns-evil             -------
	write:campaigns                 /api/offers                     -------
	read:campaigns,write:campaigns  /api/campaigns/7                ++++++-
	campaigns:read                  /api/campaigns                  ++-----
	read:billing                    /api/billing                    ++-----
	read:billing                    /api/campaigns                  -------
	read:stats,write:offers         /api/stats/today                ++-----
	read:stats,write:offers         /api/offers/7                   --++++-
	read:stats,write:offers         /api/stats/../offers            -------
	read:stats,write:offers         /api/sources                    -------
	read:events                     /v1/runs/7/events/stream        +------
	read:events                     /v1/runs                        +------
	read:events                     /v1/runs/7                      +------
	read:events                     /v1/runs/7/ticket               +-+----
	read:events                     /v1/runs/7/events               +------
	read:events                     /v1/runs/ticket                 +------
	read:events                     /v1/runs//ticket                -------
	read:events                     /v1/runs/7/ticket/              -------
	read:events                     /v1/runs/7/../ticket            -------
	read:events                     /v1/runs/7/tickets              +------
	read:events                     /api/events                     -------
	write:events                    /v1/runs                        --+----
	write:events                    /v1/runs/7/events               --+----
	write:events                    /v1/runs/7/ticket               -------
	write:events                    /v1/runs/7                      -------
	write:events                    /v1/runs/7/events/stream        -------
	write:events                    /v1/runs/events                 -------
	write:events                    /v1/runs/7/../../api-keys       -------
	write:events                    /v1/runs/7%3f/events            -------
	write:events                    /v1/runs/7%23/events            -------
	write:events                    /v1/runs/7;/events              -------
	write:events                    /v1/runs-evil                   -------
	read                            /api/networks/7                 ++-----
	read                            /api/domains                    ++-----
	read                            /v1/runs/7/events/stream        +------
	read                            /api/secrets                    -------
	read                            /v1/api-keys                    -------
	write                           /api/networks/7                 ++++++-
	write                           /api/billing                    ++-----
	write                           /v1/runs                        +-+----
	write                           /v1/runs/7/ticket               +-+----
	write                           /v1/projects                    -------
	write                           /api/campaigns/../../v1         -------
	admin                           /api/campaigns                  +++++++
	admin                           /anything/at/all                +++++++
	admin                           /                               +++++++
	-                               /api/campaigns                  -------
	-                               /                               -------
`

type row struct {
	Policy events.APIGatewayCustomAuthorizerPolicy `json:"policy"`
	ARN    string                                  `json:"arn"`

	routes             []scope.Route
	name, method, path string
	open               bool
}

func rows(t *testing.T) []row {
	t.Helper()
	var all []row
	for line := range strings.SplitSeq(strings.TrimSpace(matrix), "\n") {
		f := strings.Fields(line)
		if len(f) != 3 || len(f[2]) != len(matrixMethods) {
			t.Fatalf("%q is no row", line)
		}
		var words []string
		if f[0] != "-" {
			words = strings.Split(f[0], ",")
		}
		scopes, err := scope.Default().Parse(words)
		if err != nil {
			t.Fatal(err)
		}
		routes := Routes(scope.Default(), scopes)
		path := strings.ReplaceAll(f[1], "$LONG", strings.Repeat("x", 2000))
		for i, method := range matrixMethods {
			// The policy is made for another method and path than it is then asked about.
			document, err := Compile(routes, "arn:aws:execute-api:us-east-1:123456789012:abc123/prod/GET/elsewhere")
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, row{document, "arn:aws:execute-api:us-east-1:123456789012:abc123/prod/" + method + path,
				routes, f[0] + ": " + method + " " + f[1], method, path, f[2][i] == '+'})
		}
	}
	return all
}

func TestEveryRowOfTheMatrixIsDecidedAsWritten(t *testing.T) {
	all := rows(t)
	if len(all) < 200 {
		t.Fatalf("the matrix has %d rows", len(all))
	}
	for _, r := range all {
		if got := Allows(r.routes, r.method, r.path); got != r.open {
			t.Errorf("%s: got %v", r.name, got)
		}
	}
}

// The second opinion is of an evaluator that nobody here wrote.
func TestMinistacksGatewayAndIAMAgreeWithEveryRow(t *testing.T) {
	const python = "../../.local/venvs/ministack/bin/python"
	all := rows(t)
	input, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	var complaint bytes.Buffer
	command := exec.CommandContext(t.Context(), python, "testdata/evaluate.py")
	command.Stdin, command.Stderr = bytes.NewReader(input), &complaint
	output, err := command.Output()
	if err != nil {
		t.Fatalf("ministack's evaluators do not run (`make unit` installs them): %v\n%s", err, complaint.String())
	}
	var opinions []struct{ Gateway, IAM bool }
	if err := json.Unmarshal(output, &opinions); err != nil {
		t.Fatal(err)
	}
	if len(opinions) != len(all) {
		t.Fatalf("%d opinions of %d rows", len(opinions), len(all))
	}
	for i, r := range all {
		expect.Same(t, r.name+" by ministack's API Gateway", opinions[i].Gateway, r.open)
		expect.Same(t, r.name+" by ministack's IAM", opinions[i].IAM, r.open)
	}
}
