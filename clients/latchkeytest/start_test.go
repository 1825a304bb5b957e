//go:build e2e

package latchkeytest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAStartThatFailsSaysWhyInTheCommandsWords(t *testing.T) {
	_, err := begin(clone(t), "/nowhere/template.yaml")
	if err == nil || !strings.HasSuffix(err.Error(), "latchkey: there is no template /nowhere/template.yaml") {
		t.Errorf("got %v", err)
	}
}

func TestLatchkeysFolderIsFoundFromAFolderInside(t *testing.T) {
	folder := clone(t)
	t.Setenv("LATCHKEY_DIR", "")
	if found, err := latchkey(); err != nil || found != folder {
		t.Errorf("found %q, %v; want %q", found, err, folder)
	}
}

func TestLatchkeysFolderMayBeNamed(t *testing.T) {
	folder := clone(t)
	t.Chdir(t.TempDir())
	t.Setenv("LATCHKEY_DIR", folder)
	if found, err := latchkey(); err != nil || found != folder {
		t.Errorf("found %q, %v; want %q", found, err, folder)
	}
	t.Setenv("LATCHKEY_DIR", "/nowhere")
	if found, err := latchkey(); err == nil {
		t.Errorf("found %q", found)
	}
}

func TestAStackOfAnotherTemplateIsNotUsed(t *testing.T) {
	t.Setenv("LATCHKEY_GUARDED_URL", "") // of the stack that these tests may run beside
	if s, err := find("/nowhere/template.yaml"); err == nil {
		t.Errorf("got the stack at %s", s.URL)
	}
}

// clone is this repository's folder.
func clone(t *testing.T) string {
	t.Helper()
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(filepath.Dir(at))
}
