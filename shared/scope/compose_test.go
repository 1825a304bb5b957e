package scope

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func compose(t *testing.T, text string) *Catalogue {
	t.Helper()
	c, err := Compose("theirs.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestADeployersCatalogueHasTheirScopesAndLatchkeysOwnAndNoOther(t *testing.T) {
	c := compose(t, `{"$schema": "catalogue.schema.json", "base_paths": ["/api"], "scopes": [{"name": "read:x", "description": "See x"}]}`)
	if got, want := c.All().String(), "admin read:events read:usage read:x verify:all_keys verify:keys write:events"; got != want {
		t.Errorf("the scopes are %s, want %s", got, want)
	}
	wantRoutes(t, c.Opens("read:x"), "GET /api/x", "GET /api/x/*", "HEAD /api/x", "HEAD /api/x/*")
	for _, kind := range []PrincipalKind{AnyPrincipal, User, SecretKey, FullKey} {
		if got, want := c.OpensTo(kind), Default().OpensTo(kind); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s may call %v, want %v", kind, got, want)
		}
	}
	if got := c.Latchkeys(c.All()).String(); got != "admin read:events read:usage verify:all_keys verify:keys write:events" {
		t.Errorf("Latchkey's own are %s", got)
	}
}

func TestAMistakeOfADeployerIsToldWithItsFileAndLine(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, tt := range []struct {
		name, text string
		line       int
		says       string
	}{
		{"Latchkey's own scope", "{\"scopes\": [\n{\"name\": \"read:events\"}]}", 2, "Latchkey's own"},
		{"admin", "{\"scopes\": [\n{\"name\": \"admin\"}]}", 2, "Latchkey's own"},
		{"principals", "{\"scopes\": [{\"name\": \"read:x\"}],\n\"principals\": {}}", 2, "Latchkey's own"},
		{"everything", "{\"scopes\": [{\"name\": \"write:x\", \"opens\": [\n\"* /*\"]}]}", 2, "only admin"},
		{"no scopes", "{\n\"base_paths\": [\"/api\"]}", 2, "no scopes"},
		{"empty list", "{\n\"scopes\": []}", 2, "no scopes"},
		{"path by convention", "{\"scopes\": [\n{\"name\": \"read:" + long + "\"}],\n\"base_paths\": [\"/" + long + "\"]}", 2, "longer than 300"},
		{"unknown word", "{\"scopes\": [\n{\"name\": \"read:x\",\n\"description\": \"x\",\n\"open\": []}]}", 4, "description, name, opens"},
		{"scope twice", "{\"scopes\": [\n{\"name\": \"read:x\"},\n{\"name\": \"read:x\"}]}", 3, "twice"},
		{"schema is no text", "{\n\"$schema\": 7}", 2, "7 is not a text"},
		{"a comma too many", "{\"scopes\": [\n{\"name\": \"read:x\"},\n]}", 3, "invalid character"},
		{"a comma too few", "{\"scopes\": [\n{\"name\": \"read:x\"}\n{\"name\": \"write:x\"}]}", 3, "invalid character"},
		{"a text that does not end", "{\"scopes\": [\n{\"name\": \"read:x}]}\n", 2, "invalid character"},
		{"empty", "", 1, "EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Compose("s3://ours/theirs.json", []byte(tt.text))
			if err == nil {
				t.Fatal("no mistake was found")
			}
			if want := fmt.Sprintf("s3://ours/theirs.json, line %d: ", tt.line); !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %q, want it to begin with %q", err, want)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %q, want it to say %q", err, tt.says)
			}
		})
	}
}

// A token holds the names of all scopes, and travels in a header.
func TestScopesWhoseNamesNoHeaderHoldsAreRefused(t *testing.T) {
	var scopes []string
	for i := range 300 {
		scopes = append(scopes, fmt.Sprintf(`{"name": "read:resource-%03d"}`, i))
	}
	_, err := Compose("theirs.json", []byte("{\"scopes\": [\n"+strings.Join(scopes, ",\n")+"]}"))
	if want := "theirs.json, line 229: "; err == nil || !strings.HasPrefix(err.Error(), want) { // 228 names of 17 characters and a space are 4,104
		t.Errorf("got %v, want it to begin with %q", err, want)
	}
}

// An upgrade may bring a scope whose name a deployer has given to something else.
func TestAScopeThatBecameLatchkeysOwnKeepsTheMeaningThatItHad(t *testing.T) {
	text := []byte(`{"base_paths": ["/api"], "scopes": [{"name": "read:events"}]}`)
	if _, err := Compose("theirs.json", text); err == nil {
		t.Error("a new catalogue may take Latchkey's name")
	}
	c, err := recompose(text)
	if err != nil {
		t.Fatal(err)
	}
	wantRoutes(t, c.Opens("read:events"), "GET /api/events", "GET /api/events/*", "HEAD /api/events", "HEAD /api/events/*")
	if c.Latchkeys(c.All()).Has("read:events") {
		t.Error("and it opens Latchkey's own routes")
	}
	if n, want := len(c.Scopes()), len(latchkey().Scopes()); n != want {
		t.Errorf("%d scopes, want %d", n, want)
	}
}

func TestAScopeThatLeftADeployersCatalogueOpensNothing(t *testing.T) {
	held := []string{"read:events", "read:gone", "write:gone"}
	c := compose(t, `{"base_paths": ["/api"], "scopes": [{"name": "read:x"}]}`)
	if got := c.Known(held).String(); got != "read:events" {
		t.Errorf("a key with %v is left %s", held, got)
	}
	if !slices.Equal(held, []string{"read:events", "read:gone", "write:gone"}) {
		t.Errorf("the key itself was changed: %v", held)
	}
	if len(c.Opens("read:gone")) != 0 {
		t.Error("it opens something")
	}
}

func TestTheFilesThatAreBuiltInAreTwo(t *testing.T) {
	text, err := os.ReadFile("catalogue.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "/v1/") {
		t.Error("catalogue.json names routes of Latchkey's API, which are in latchkey.json")
	}
}
