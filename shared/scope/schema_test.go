package scope

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaFile = "catalogue.schema.json"

// schema accepts or refuses a catalogue, as an editor does.
func schema(t *testing.T) func(text string) error {
	t.Helper()
	file, err := os.Open(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	read, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaFile, read); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			return err
		}
		return compiled.Validate(value)
	}
}

func opening(route string) string {
	return `{"scopes": [{"name": "read:x", "opens": ["` + route + `"]}]}`
}
func below(base string) string {
	return `{"base_paths": ["` + base + `"], "scopes": [{"name": "read:x"}]}`
}
func named(name string) string { return `{"scopes": [{"name": "` + name + `"}]}` }

// corpus has catalogues of every kind: whether one is good, the rules decide.
func corpus() (all []string) {
	segments := []string{"x", ".", "..", "...", "..x", ".x", "x.", "", "*", "x*", "**", "{project_id}", "{run_id}", "p{project_id}", "{id}", "{", "?", "x y", "%2e", "é", "A-b_c~d.e0", "*x"}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "*", "get", "", "**"} {
		for _, path := range []string{"/", "/*", "/x", "/x/*", "x", "", "/x/*/y", "/" + strings.Repeat("x", 299), "/" + strings.Repeat("x", 300), "/" + strings.Repeat("x", 297) + "/*", "/" + strings.Repeat("x", 298) + "/*"} {
			all = append(all, opening(method+" "+path), opening(method+path))
		}
	}
	for _, a := range segments {
		all = append(all, opening("GET /"+a), below("/"+a), below(a), below("/"+a+"/"), named("read:"+a), named(a))
		for _, b := range segments {
			all = append(all, opening("POST /"+a+"/"+b), opening("GET /api/"+a+"/"+b+"/z"), below("/"+a+"/"+b))
		}
	}
	for _, name := range []string{"admin", "read:events", "write:events", "read:x", "write:x_y-0", "read:X", "delete:x", "read:x:y", "x:read", "read", "write:", " read:x", "read:x "} {
		all = append(all, named(name))
	}
	return append(all, below("/"+strings.Repeat("x", 300)), below("/"+strings.Repeat("x", 100)),
		``, `{`, `[]`, `null`, `{}`, `{"scopes": []}`, `{"scopes": {}}`, `{"scopes": [{}]}`, `{"scopes": [null]}`, `{"scopes": ["read:x"]}`, `{"scopes": [{"name": 7}]}`,
		`{"scopes": [{"name": "read:x", "description": 7}]}`, `{"scopes": [{"name": "read:x", "description": ""}]}`, `{"scopes": [{"name": "read:x", "opens": []}]}`,
		`{"scopes": [{"name": "read:x", "opens": {}}]}`, `{"scopes": [{"name": "read:x", "opens": [7]}]}`, `{"scopes": [{"name": "read:x", "open": []}]}`,
		`{"scopes": [{"description": "no name"}]}`, `{"scopes": [{"name": "read:x"}], "principals": {}}`, `{"scopes": [{"name": "read:x"}], "base_paths": []}`,
		`{"scopes": [{"name": "read:x"}], "base_paths": "/api"}`, `{"scopes": [{"name": "read:x"}], "$schema": "x"}`, `{"scopes": [{"name": "read:x"}], "$schema": 7}`,
		`{"scopes": [{"name": "read:x"}, {"name": "write:x"}]}`, `{"scopes": [{"name": "read:x"}]} {}`, string(embedded))
}

func TestTheSchemaAndTheRulesAgree(t *testing.T) {
	valid := schema(t)
	good, bad := 0, 0
	for _, text := range corpus() {
		_, err := Compose("theirs.json", []byte(text))
		if refusal := valid(text); (err == nil) != (refusal == nil) {
			t.Errorf("%.200s\n  the rules say  %v\n  the schema     %v", text, err, refusal)
		}
		if err == nil {
			good++
		} else {
			bad++
		}
	}
	if good < 100 || bad < 100 {
		t.Errorf("the corpus has %d good catalogues and %d bad ones", good, bad)
	}
}

// No schema can say these.
func TestTheSchemaLeavesToTheRulesWhatIsAboutSeveralPlaces(t *testing.T) {
	valid, long := schema(t), strings.Repeat("x", 200)
	for name, text := range map[string]string{
		"a scope twice":                `{"scopes": [{"name": "read:x"}, {"name": "read:x", "description": "again"}]}`,
		"a path made of base and name": `{"base_paths": ["/` + long + `"], "scopes": [{"name": "read:` + long + `"}]}`,
		"the length of all names":      `{"scopes": [{"name": "read:` + strings.Repeat("x", 5000) + `", "opens": []}]}`,
	} {
		if err := valid(text); err != nil {
			t.Errorf("%s: the schema refuses it: %v", name, err)
		}
		if _, err := Compose("theirs.json", []byte(text)); err == nil {
			t.Errorf("%s: the rules accept it", name)
		}
	}
}

func TestTheSchemaReservesLatchkeysOwnNames(t *testing.T) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range latchkey().Scopes() {
		if wellFormed(s.Name, false) && !bytes.Contains(text, []byte(`"`+s.Name+`"`)) {
			t.Errorf("%s does not name %s", schemaFile, s.Name)
		}
	}
}
