//go:build e2e

// Package mistakes makes the mistakes that a user of `make local` may make: each gets one clear line, and leaves nothing.
package mistakes

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	root = "../../.."
	shop = "tests/guarded/shop"
)

func TestNoTemplateIsNamed(t *testing.T) {
	fails(t, "say which template: make local TEMPLATE=../your/template.yaml")
}

func TestATemplateThatIsNotThere(t *testing.T) {
	fails(t, "there is no template", "TEMPLATE=../nowhere/template.yaml")
}

func TestATemplateWithoutLatchkeysAuthorizer(t *testing.T) {
	path := written(t, `Resources: {F: {Type: "AWS::Serverless::Function", Properties: {CodeUri: ., Runtime: python3.12, Handler: a.b}}}`)
	fails(t, "no API of the template has an authorizer of Latchkey; this adds one: go run ./clients/latchkey guard "+path, "TEMPLATE="+path)
}

func TestATemplateThatIsNoYAML(t *testing.T) {
	fails(t, "is no YAML", "TEMPLATE="+written(t, "Resources: [\n"))
}

func TestAPortThatIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	fails(t, "port "+port+" is taken by something else", "TEMPLATE="+shop, "PORT="+port, "DOCKER=0")
}

func TestDockerThatDoesNotAnswer(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix:///nonexistent")
	fails(t, "Docker does not answer: start it, or use DOCKER=0, which needs none", "TEMPLATE="+shop, "DOCKER=1")
}

func TestAProgramForAnotherMachine(t *testing.T) {
	path := written(t, `
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Auth: {Authorizers: {Latchkey: {FunctionArn: !ImportValue latchkey-AuthorizerArn}}}}
  Other: {Type: "AWS::Serverless::Function", Properties: {CodeUri: ., Runtime: provided.al2023, Handler: bootstrap}}
`)
	const elf = "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00"
	machine := "\xb7\x00" // arm64
	if out, err := exec.Command("uname", "-m").Output(); err == nil && strings.TrimSpace(string(out)) == "aarch64" {
		machine = "\x3e\x00" // x86-64
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "bootstrap"), []byte(elf+machine), 0o755); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	fails(t, "Other is compiled for", "TEMPLATE="+path)
}

func TestAStartThatFailsLeavesNothing(t *testing.T) {
	t.Setenv("LATCHKEY_PARAMETERS", "SigningAlgorithm=nonsense") // the emulator runs by the time that this is refused
	fails(t, "deploying failed", "TEMPLATE="+shop, "DOCKER=0", "PORT=3301")
}

// fails runs `make local`, which must say one line that begins with `latchkey: ` and has the text, and leave nothing.
func fails(t *testing.T, says string, variables ...string) {
	t.Helper()
	command := exec.Command("make", append([]string{"--no-print-directory", "-C", root, "local"}, variables...)...)
	out, err := command.CombinedOutput()
	if err == nil {
		t.Errorf("make local succeeded: %s", out)
	}
	var complaints []string
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "latchkey: ") {
			complaints = append(complaints, line)
		}
	}
	if len(complaints) != 1 || !strings.Contains(complaints[0], says) || strings.Contains(string(out), "Traceback") {
		t.Errorf("make local said %s\nwant one line with %q", out, says)
	}
	folder, err := filepath.Abs(filepath.Join(root, ".local", "guarded"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("%s is left", folder)
	}
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(processes) == 0 {
		t.Fatal("no processes: ", err)
	}
	for _, process := range processes {
		if at, err := os.Readlink(filepath.Join(process, "cwd")); err == nil && strings.HasPrefix(at, folder) {
			t.Errorf("a process is left in %s", at)
		}
	}
}

func written(t *testing.T, template string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
