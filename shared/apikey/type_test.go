package apikey_test

import (
	"testing"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/scope"
)

func TestKeyOfAnUnknownTypeOpensNothing(t *testing.T) {
	for _, kind := range []apikey.Type{"", "root", "Secret", "scoped ", "server"} {
		k := apikey.Key{Type: kind, Scopes: scope.Default().All()}
		if opened := k.Grants(); len(opened) != 0 {
			t.Errorf("a key of type %q opens %v, want nothing", kind, opened)
		}
		if kind.ShowsOwner() {
			t.Errorf("a key of type %q is told its owner's e-mail address", kind)
		}
	}
	k := apikey.Key{Type: apikey.Scoped, Scopes: []string{"read:stats", "read:gone"}}
	if opened := k.Grants().String(); opened != "read:stats" {
		t.Errorf("a scoped key opens %q, want read:stats", opened)
	}
}
