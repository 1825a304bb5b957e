package main

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"
)

// browser has the names that the scripts use and no file declares: the browser gives them.
var browser = strings.Fields(`Array Boolean CSS Date Error FormData PublicKeyCredential Infinity Intl JSON Map Math Number Object Promise Set
	TextDecoder URL Uint8Array addEventListener atob clearInterval console crypto document encodeURIComponent fetch isNaN
	Blob Event String URLSearchParams globalThis history localStorage sessionStorage location navigator queueMicrotask scrollTo setInterval setTimeout undefined`)

func sources(t *testing.T) fs.FS {
	t.Helper()
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// foreign returns the names that a script uses and does not declare, sorted.
func foreign(t *testing.T, script string) (names []string) {
	t.Helper()
	tree, err := js.Parse(parse.NewInputString(script), js.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range tree.Undeclared {
		if name := string(v.Name()); !slices.Contains(browser, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestEveryScriptImportsWhatItUsesAndNothingElse(t *testing.T) {
	files := sources(t)
	scripts, err := fs.Glob(files, "*.js")
	if err != nil || len(scripts) < 20 {
		t.Fatalf("found the scripts %v, %v", scripts, err)
	}
	for _, name := range scripts {
		m, err := readModule(files, name)
		if err != nil {
			t.Fatal(err)
		}
		var given []string
		for _, from := range m.imports {
			given = append(given, from.names...)
		}
		used := foreign(t, m.script)
		for _, each := range used {
			if !slices.Contains(given, each) {
				t.Errorf("%s uses %s and does not import it", name, each)
			}
		}
		for _, each := range given {
			if !slices.Contains(used, each) {
				t.Errorf("%s imports %s and does not use it", name, each)
			}
		}
	}
}

func TestANameOfAnotherFileIsFound(t *testing.T) {
	script := "const f = (icon) => h(icon, { button: form.button });\nfunction g() { return later; }\nconst later = document;"
	if got := foreign(t, script); !slices.Equal(got, []string{"form", "h"}) {
		t.Errorf("found %v, want form and h", got)
	}
}

func TestEverySourceIsPartOfThePage(t *testing.T) {
	files := sources(t)
	script, err := bundle(files)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		switch path.Ext(name) {
		case ".css":
			if !slices.Contains(styles, name) {
				t.Errorf("%s is not in the page", name)
			}
		case ".js":
			m, err := readModule(files, name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(script, m.script) != 1 {
				t.Errorf("%s is in the page %d times", name, strings.Count(script, m.script))
			}
		}
	}
}

// The files share one scope once they are joined, so the script as a whole must parse.
func TestNoTwoScriptsDeclareTheSameName(t *testing.T) {
	script, err := bundle(sources(t))
	if err != nil {
		t.Fatal(err)
	}
	if names := foreign(t, script); len(names) > 0 {
		t.Errorf("nothing declares %v", names)
	}
	declared := map[string]string{}
	files := sources(t)
	scripts, err := fs.Glob(files, "*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range scripts {
		m, err := readModule(files, name)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := js.Parse(parse.NewInputString(m.script), js.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, v := range tree.Declared {
			if other := declared[string(v.Name())]; other != "" {
				t.Errorf("%s and %s both declare %s", other, name, v.Name())
			}
			declared[string(v.Name())] = name
		}
	}
}

func TestAModuleComesAfterWhatItImports(t *testing.T) {
	files := fstest.MapFS{
		"main.js": {Data: []byte("import { b } from \"./b.js\";\nimport { c } from \"./c.js\";\nmain(b, c);\n")},
		"b.js":    {Data: []byte("import { c } from \"./c.js\";\nexport const b = c;\n")},
		"c.js":    {Data: []byte("export const c = 1;\n")},
	}
	got, err := bundle(files)
	if err != nil {
		t.Fatal(err)
	}
	if want := "const c = 1;\nconst b = c;\nmain(b, c);\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestABadImportIsAnError(t *testing.T) {
	for name, text := range map[string]string{
		"of a name that is not exported": "import { d } from \"./c.js\";\n",
		"of a file that is not there":    "import { c } from \"./d.js\";\n",
		"of a form that is not known":    "import * as c from \"./c.js\";\n",
		"export of an unknown form":      "export default 1;\n",
	} {
		files := fstest.MapFS{"main.js": {Data: []byte(text)}, "c.js": {Data: []byte("export const c = 1;\n")}}
		if script, err := bundle(files); err == nil {
			t.Errorf("%s: got %q", name, script)
		}
	}
}
