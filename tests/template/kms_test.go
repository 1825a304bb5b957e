package template_test

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// With a KMS key of the deployer's own, a function that reads the table or a secret must be able to use it.
func TestEveryFunctionWithGrantsMayUseTheKMSKey(t *testing.T) {
	text, err := os.ReadFile(root + "template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	policy := regexp.MustCompile(`(?s)\n  KmsKeyPolicy:\n.*?\n\n`).FindString(string(text))
	var listed []string
	for _, m := range regexp.MustCompile(`!Ref (\w+Function)Role`).FindAllStringSubmatch(policy, -1) {
		listed = append(listed, m[1])
	}
	encrypted := 0
	for name, r := range read(t, "template.yaml").Resources {
		if r.Type == "AWS::Serverless::Function" && (r.Properties.Policies != nil) != slices.Contains(listed, name) {
			t.Errorf("%s has grants: %t, and may use the KMS key: %t", name, r.Properties.Policies != nil, slices.Contains(listed, name))
		}
		if slices.Contains([]string{"AWS::SecretsManager::Secret", "AWS::Logs::LogGroup"}, r.Type) {
			encrypted++
			if r.Properties.KmsKeyID == nil {
				t.Errorf("%s is not encrypted with the KMS key", name)
			}
		}
	}
	if len(listed) < 30 || encrypted < 6 {
		t.Errorf("%d functions and %d secrets and log groups were found", len(listed), encrypted)
	}
}
