//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"
)

type project struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	KeyPrefix string    `json:"key_prefix"`
	CreatedAt time.Time `json:"created_at"`
}

func newProject(t testing.TB, as, prefix string) project {
	t.Helper()
	return decode[project](t, send(t, request{method: "POST", path: "/v1/projects", as: as,
		body: object{"name": t.Name(), "key_prefix": prefix}}).is(t, 201))
}

func projectsOf(t testing.TB, as string) []project {
	t.Helper()
	return decode[struct {
		Projects []project `json:"projects"`
	}](t, send(t, request{method: "GET", path: "/v1/projects", as: as}).is(t, 200)).Projects
}

func TestUserHasAProjectFromTheStartAndListsNewestFirst(t *testing.T) {
	p := member(t)
	first := projectsOf(t, p.token)
	if len(first) != 1 {
		t.Fatalf("len(first): %v, want 1", len(first))
	}
	if first[0].KeyPrefix != "gf_" {
		t.Fatalf("first[0].KeyPrefix: %v, want gf_", first[0].KeyPrefix)
	}
	if k := newKey(t, p.token, nil); k.ProjectID != first[0].ID {
		t.Errorf("a key without project_id is in %s, want %s", k.ProjectID, first[0].ID)
	}
	made := newProject(t, p.token, "afk_live_")
	if got, want := projectsOf(t, p.token), []project{made, first[0]}; !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A project's prefix is that of its scoped keys; a type's prefix is everywhere its own.
func TestKeyHasThePrefixOfItsProjectOrItsType(t *testing.T) {
	p := admin(t)
	made := newProject(t, p.token, "afk_live_")
	for kind, prefix := range map[string]string{"": "afk_live_", "scoped": "afk_live_", "secret": "sk_", "server": "sk_", "client": "ck_", "read_only": "ro_"} {
		k := newKey(t, p.token, object{"project_id": made.ID, "type": kind})
		if !strings.HasPrefix(k.Key, prefix+k.ID) {
			t.Errorf("type %q: the key of %s does not start with %s", kind, k.ID, prefix)
		}
		if k.ProjectID != made.ID {
			t.Errorf("type %q: the project: %v, want %v", kind, k.ProjectID, made.ID)
		}
		send(t, request{method: "GET", path: me, as: k.Key}).is(t, 200)
	}
}

func TestPrefixThatCouldMisleadIsRefused(t *testing.T) {
	for _, prefix := range []string{"sk_", "ck_", "ro_", "", "x", "_", "9a_", "Gf_", "gf", "g f_", "gf-_", "é_", strings.Repeat("a", 16) + "_"} {
		p := send(t, request{method: "POST", path: "/v1/projects", as: admin(t).token,
			body: object{"name": "a name", "key_prefix": prefix}}).refused(t, 422, "VALIDATION_ERROR")
		if p.Fields[0].Field != "key_prefix" {
			t.Errorf("%q: fields %v", prefix, p.Fields)
		}
	}
}

func TestKeyCannotBeMadeInAnothersProject(t *testing.T) {
	victim, attacker := owner(t), other(t)
	theirs, own := projectsOf(t, victim.token)[0], newProject(t, attacker.token, "own_")
	secret := newKey(t, attacker.token, object{"type": "secret"})
	for _, row := range []struct{ as, project string }{
		{attacker.token, theirs.ID}, {secret.Key, theirs.ID},
		{secret.Key, own.ID}, // the same owner's, but not the key's
		{attacker.token, "prj_AAAAAAAAAAAAAAAAAAAAAAAAAA"}, {attacker.token, "nonsense"},
	} {
		send(t, request{method: "POST", path: "/v1/api-keys", as: row.as,
			body: object{"name": "intruder", "project_id": row.project}}).refused(t, 404, "RESOURCE_NOT_FOUND")
	}
	for _, p := range []person{victim, attacker} {
		if strings.Contains(snapshot(t, p), "intruder") {
			t.Errorf("%s has the key all the same", p.Email)
		}
	}
}
