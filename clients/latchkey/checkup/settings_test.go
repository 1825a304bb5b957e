package checkup

import (
	"fmt"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

// alike are functions with the same settings, each with one of its own.
func alike(n int) map[string]function {
	functions := map[string]function{}
	for i := range n {
		name := fmt.Sprintf("f%02d", i)
		functions[name] = function{name: name, variables: map[string]string{"TABLE_NAME": "t", "ISSUER": "", "OWN_" + name: "x"}}
	}
	return functions
}

func examineSettings(t *testing.T, functions map[string]function) []Finding {
	t.Helper()
	d, s := &deployment{functions: functions}, &sheet{}
	d.reading.Do(func() {})
	if err := checkSettings(t.Context(), d, s); err != nil {
		t.Fatal(err)
	}
	return s.findings
}

func TestSettingsThatAFunctionHasForItselfAreNoFinding(t *testing.T) {
	expect.Same(t, "the findings", len(examineSettings(t, alike(20))), 0)
}

func TestFunctionsThatPublishTheScopesOrNeedNoneDoNotFollowThem(t *testing.T) {
	functions := alike(20)
	for _, f := range functions {
		f.variables["CATALOGUE"] = "s3://scopes/latchkey/catalogue.json"
	}
	for _, logical := range []string{"CatalogueApplyFunction", "MailSendFunction"} {
		functions[logical] = function{name: logical, variables: map[string]string{"TABLE_NAME": "t", "ISSUER": "", "CATALOGUE": ""}}
	}
	expect.Same(t, "the findings", len(examineSettings(t, functions)), 0)
	functions["f03"].variables["CATALOGUE"] = ""
	expect.Same(t, "the findings, with one that does not follow them", len(examineSettings(t, functions)), 1)
}

func TestFunctionWithOtherSettingsIsNamedAndItsCommandGivesItThoseOfTheOthers(t *testing.T) {
	functions := alike(20)
	functions["f07"].variables["TABLE_NAME"] = "another"
	delete(functions["f07"].variables, "ISSUER")
	found := examineSettings(t, functions)
	expect.Same(t, "the number of findings", len(found), 1)
	expect.Same(t, "what it says", found[0].What, "f07 has other settings than the other functions: ISSUER, TABLE_NAME")
	expect.Same(t, "its command", found[0].Command,
		`aws lambda update-function-configuration --function-name f07 --environment '{"Variables":{"ISSUER":"","OWN_f07":"x","TABLE_NAME":"t"}}'`)
}

func TestSecretInAFunctionsSettingsIsFoundAndNotPrinted(t *testing.T) {
	functions := alike(20)
	functions["f07"].variables["JWT_SECRET"] = "not-to-be-seen"
	functions["f07"].variables["TABLE_NAME"] = "another"
	found := examineSettings(t, functions)
	expect.Same(t, "the number of findings", len(found), 1)
	expect.Same(t, "that the secret is in it", strings.Contains(fmt.Sprintf("%+v", found), "not-to-be-seen"), false)
}
