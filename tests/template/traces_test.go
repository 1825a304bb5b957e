package template_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Whoever asks for no traces has the template of before: nothing that is not conditional knows of them.
func TestTracesAddNothingUnlessTheyAreAskedFor(t *testing.T) {
	text, err := os.ReadFile(root + "template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, resources, _ := strings.Cut(string(text), "\nResources:\n")
	resources, _, _ = strings.Cut(resources, "\nOutputs:\n")
	blocks := regexp.MustCompile(`(?m)^  ([A-Za-z]\w*):(?: #.*)?\n((?:    .*\n|\s*\n|  #.*\n)*)`).FindAllStringSubmatch(resources, -1)
	conditional := 0
	for _, block := range blocks {
		name, body := block[1], block[2]
		if strings.Contains(body, "\n    Condition: ExportsTraces\n") {
			conditional++
			continue
		}
		for line := range strings.Lines(body) {
			if strings.Contains(line, "Traces") && !strings.Contains(line, "!If [ExportsTraces, !Ref TracesExportFunctionRole, !Ref AWS::NoValue]") && !strings.HasPrefix(line, "  #") {
				t.Errorf("%s knows of traces though nobody asked for them: %s", name, line)
			}
		}
	}
	if len(blocks) < 100 || conditional != 6 {
		t.Errorf("%d resources were found, and %d that are there for traces only", len(blocks), conditional)
	}
	globals, _, _ := strings.Cut(string(text[strings.Index(string(text), "\nGlobals:"):]), "\nResources:")
	if strings.Contains(globals, "Traces") || !strings.Contains(string(text), "  TracesSecretArn:\n    Type: String\n    Default: \"\"\n") {
		t.Error("every function would get a variable for traces, or they are on by default")
	}
}

// What is not linked costs neither bytes nor a moment at the start.
func TestNoOtherProgramHasCodeForTraces(t *testing.T) {
	command := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags=lambda.norpc", "./authorizer", "./functions/...")
	command.Dir = root
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	if len(packages) < 200 {
		t.Fatalf("only %d packages were found", len(packages))
	}
	if i := slices.IndexFunc(packages, func(name string) bool { return strings.Contains(name, "opentelemetry") }); i >= 0 {
		t.Errorf("a function has %s", packages[i])
	}
}
