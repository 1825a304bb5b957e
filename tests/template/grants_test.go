package template_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A grant is one statement of a function's policies.
type grant struct {
	resources []string
	items     []string // the patterns of dynamodb:LeadingKeys; nil for every item
}

// grantsOf finds the statements in policies, under whatever !If they stand.
func grantsOf(policies any) (found []grant) {
	switch p := policies.(type) {
	case []any:
		for _, one := range p {
			found = append(found, grantsOf(one)...)
		}
	case map[string]any:
		if p["Effect"] == nil {
			return grantsOf(p["Statement"])
		}
		condition, _ := p["Condition"].(map[string]any)
		operator, _ := condition["ForAllValues:StringLike"].(map[string]any)
		return []grant{{texts(p["Resource"]), texts(operator["dynamodb:LeadingKeys"])}}
	}
	return found
}

func texts(value any) (all []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any: // a list, or the argument of !If
		for _, one := range v {
			all = append(all, texts(one)...)
		}
	}
	return all
}

// The suite proves that these grants are enough, and that each kind of item in them is needed
// (local/strict/iam.py): so a function that is taken over reaches what its endpoint is about.
func TestEveryGrantOnTheTableNamesItsKindsOfItems(t *testing.T) {
	schema, err := os.ReadFile(root + "shared/store/schema.go")
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, m := range regexp.MustCompile(`"([A-Z]+)#"`).FindAllStringSubmatch(string(schema), -1) {
		kinds = append(kinds, m[1]+"#*")
	}
	found := 0
	for name, r := range read(t, "template.yaml").Resources {
		for _, g := range grantsOf(r.Properties.Policies) {
			if len(g.resources) != 1 || !strings.Contains(g.resources[0], "Table.Arn") {
				continue
			}
			if strings.HasSuffix(g.resources[0], "/stream/*") { // it has no condition on items; the mapping's filter chooses
				if name != "AuditExportFunction" {
					t.Errorf("%s may read the table's stream", name)
				}
				continue
			}
			found++
			// A Scan names no key, so no condition holds it. These see the keys of items, and nothing else.
			scanning := slices.Contains(map[string][]string{
				"${Table.Arn}/index/by_owner": {"PepperRotateFunction", "ApiKeysListFunction"},
				"${Table.Arn}/index/by_user":  {"UsersListFunction", "UsersUpdateFunction", "UsersDeleteFunction"},
			}[g.resources[0]], name)
			if len(g.items) == 0 && !scanning {
				t.Errorf("%s may touch every item of %s: give its statement a Condition", name, g.resources[0])
			}
			for _, pattern := range g.items {
				if known := slices.Contains(kinds, pattern) || strings.HasPrefix(pattern, "*#"); !known {
					t.Errorf("%s may touch items %s, and shared/store/schema.go has none", name, pattern)
				}
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d grants on the table were found", found)
	}
}

// Who can read the signing secret can sign. With HS256 that is everybody who verifies too; with a
// key pair it is only who can read the private keys.
func TestSecretsAreReadByTheFunctionsThatNeedThemAndNoOther(t *testing.T) {
	const (
		authorizers = "AuthorizerFunction EdgeAuthorizerFunction FunctionModeAuthorizerFunction "
		sign        = "AuthLoginFunction TokensLoginFunction TokensRefreshFunction RunsTicketFunction OauthTokenFunction " +
			"LoginMfaFunction LoginPasskeyFunction LoginPasskeyOptionsFunction FactorsListFunction "
		verify = authorizers + "TokensRefreshFunction OauthIntrospectFunction OauthRevokeFunction LeaksReportFunction " +
			"LoginMfaFunction LoginPasskeyFunction LoginPasskeyOptionsFunction FactorsProofFunction "
	)
	want := map[string]string{
		"SigningSecret":     sign + verify + "SigningRotateFunction",
		"PrivateKeysSecret": sign + "KeyPairRotateFunction",
		"PublicKeysSecret":  verify + "OauthJwksFunction KeyPairRotateFunction",
		"FactorSecret":      "LoginMfaFunction FactorsProofFunction FactorsCreateFunction FactorsConfirmFunction",
		"PepperSecret": authorizers + "ApiKeysCreateFunction ApiKeysRegenerateFunction KeysVerifyFunction " +
			"OauthTokenFunction OauthIntrospectFunction OauthRevokeFunction LeaksReportFunction UsesCountFunction PepperRotateFunction",
	}
	got := map[string][]string{}
	for name, r := range read(t, "template.yaml").Resources {
		for _, g := range grantsOf(r.Properties.Policies) {
			for _, resource := range g.resources {
				if strings.HasSuffix(resource, "Secret") {
					got[resource] = append(got[resource], name)
				}
			}
		}
	}
	for secret, functions := range want {
		for _, name := range strings.Fields(functions) {
			if !slices.Contains(got[secret], name) {
				t.Errorf("%s cannot read %s", name, secret)
			}
		}
		for _, name := range got[secret] {
			if !slices.Contains(strings.Fields(functions), name) {
				t.Errorf("%s can read %s, which it does not need", name, secret)
			}
		}
	}
}
