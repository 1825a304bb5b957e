package main

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// A module is one of the page's scripts: an ES module whose imports and exports each stand on a
// line of their own.
type module struct {
	imports []imported
	exports []string
	script  string // without the words import and export
}

// imported are the names that a module takes from a file.
type imported struct {
	file  string
	names []string
}

var (
	importLine  = regexp.MustCompile(`(?m)^import \{ ([\w$, ]+) \} from "\./([\w-]+\.js)";\n`)
	exportLine  = regexp.MustCompile(`(?m)^export ((?:async )?(?:function|const|let|class) ([\w$]+))`)
	otherImport = regexp.MustCompile(`(?m)^(?:import\b.*"\./|export\b).*`)
)

// mainScript is the module that a browser would load first.
const mainScript = "main.js"

// bundle joins mainScript and the modules that it imports, directly or not, into one script. Their
// order is the one in which a browser evaluates ES modules: each after its imports, except where
// two import each other. In the one script all files share their top-level names.
func bundle(files fs.FS) (string, error) {
	var joined strings.Builder
	modules := map[string]module{}
	var add func(file string) error
	add = func(file string) error {
		m, err := readModule(files, file)
		if err != nil {
			return err
		}
		modules[file] = m
		for _, from := range m.imports {
			if _, seen := modules[from.file]; !seen {
				if err := add(from.file); err != nil {
					return fmt.Errorf("failed to add what %s imports: %w", file, err)
				}
			}
			for _, name := range from.names {
				if !slices.Contains(modules[from.file].exports, name) {
					return fmt.Errorf("%s imports %s, which %s does not export", file, name, from.file)
				}
			}
		}
		joined.WriteString(m.script)
		return nil
	}
	err := add(mainScript)
	return joined.String(), err
}

func readModule(files fs.FS, name string) (module, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return module{}, err
	}
	var m module
	for _, found := range importLine.FindAllStringSubmatch(string(text), -1) {
		m.imports = append(m.imports, imported{found[2], strings.Split(found[1], ", ")})
	}
	for _, found := range exportLine.FindAllStringSubmatch(string(text), -1) {
		m.exports = append(m.exports, found[2])
	}
	m.script = exportLine.ReplaceAllString(importLine.ReplaceAllString(string(text), ""), "$1")
	if line := otherImport.FindString(m.script); line != "" {
		return module{}, fmt.Errorf("%s has an import or export of a form that is not supported: %s", name, line)
	}
	return m, nil
}
