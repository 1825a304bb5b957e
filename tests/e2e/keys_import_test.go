//go:build e2e

package e2e

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

// imports is the answer to an import.
type imports struct {
	Created int `json:"created"`
	Exists  int `json:"exists"`
	Refused int `json:"refused"`
	Results []struct {
		Line   int            `json:"line"`
		Status string         `json:"status"`
		ID     string         `json:"id"`
		Fields []problemField `json:"fields"`
	} `json:"results"`
}

type problemField struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// importLines sends things as JSON Lines.
func importLines(t testing.TB, as, path string, things ...object) imports {
	t.Helper()
	var body strings.Builder
	for _, thing := range things {
		text, err := json.Marshal(thing)
		if err != nil {
			t.Fatal(err)
		}
		body.Write(append(text, '\n'))
	}
	return decode[imports](t, send(t, request{
		method: "POST", path: path, as: as, body: body.String(), header: map[string]string{"Content-Type": "application/jsonl"},
	}).is(t, 200))
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestImportedKeyGoesOnWorkingAndIsManagedLikeAnyOther(t *testing.T) {
	p := admin(t)
	plain, salted := "shop_live_"+rand.Text(), rand.Text()[:8]+"."+rand.Text()
	identifier, _, _ := strings.Cut(salted, ".")
	lines := []object{
		{"name": t.Name(), "scopes": []string{"read:events"}, "hash": hashOf(plain), "prefix": "shop_live_"},
		{"name": t.Name(), "scopes": []string{"read:events"}, "hash": hashOf("salt" + salted), "identifier": identifier, "salt": "salt"},
		{"name": t.Name(), "hash": "nonsense"},
	}
	send(t, request{method: "GET", path: me, as: plain}).refused(t, 401, "API_KEY_INVALID")
	made := importLines(t, p.token, "/v1/keys/import", lines...)
	expect.Same(t, "created", made.Created, 2)
	expect.Same(t, "refused", made.Refused, 1)
	expect.Same(t, "imported again", importLines(t, p.token, "/v1/keys/import", lines...).Exists, 2)

	for i, full := range []string{plain, salted} {
		id := made.Results[i].ID
		get(t, full, me).is(t, 200)
		send(t, request{method: "GET", path: "/v1/runs", header: map[string]string{"X-Api-Key": full}}).is(t, 200)
		send(t, request{method: "GET", path: me, as: full + "x"}).refused(t, 401, "API_KEY_INVALID")
		send(t, request{method: "POST", path: "/v1/runs", as: full, body: object{}}).refused(t, 403, "INSUFFICIENT_SCOPE")
		token := post(t, "", "/oauth/token", url.Values{
			"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {full},
		}).is(t, 200).text(t, "access_token")
		get(t, token, me).is(t, 200)
		log := auditLog(t, p.token, id)
		if made := slices.IndexFunc(log, func(e entry) bool { return e.Action == "created" }); made < 0 || log[made].Detail["imported"] != "true" {
			t.Errorf("its log is %+v", log)
		}
		next := regenerated(t, p.token, id, object{"grace_seconds": 60})
		get(t, next.Key, me).is(t, 200)
		get(t, full, me).is(t, 200)
		revoke(t, p.token, id)
		send(t, request{method: "GET", path: me, as: full}).refused(t, 401, "API_KEY_INVALID") // revoking ends the grace
		send(t, request{method: "GET", path: me, as: next.Key}).refused(t, 401, "API_KEY_REVOKED")
	}
}

func TestMembersAndKeysImportNothing(t *testing.T) {
	line := object{"name": t.Name(), "scopes": []string{"read:events"}, "hash": hashOf(rand.Text())}
	k := newKey(t, admin(t).token, object{"scopes": []string{"admin"}})
	send(t, request{method: "POST", path: "/v1/keys/import", as: k.Key, body: line}).refused(t, 403, "FORBIDDEN")
	a := send(t, request{method: "POST", path: "/v1/keys/import", as: owner(t).token, body: line})
	if a.problem(t).Status != 403 {
		t.Errorf("a member: %s", a.body)
	}
}

func TestImportedKeyHasAHashUnderThePepperAfterItsFirstUse(t *testing.T) {
	needs(t, theTable)
	full := rand.Text()[:8] + "." + rand.Text()
	identifier, _, _ := strings.Cut(full, ".")
	made := importLines(t, admin(t).token, "/v1/keys/import", object{
		"name": t.Name(), "scopes": []string{"read:events"}, "hash": hashOf(full + "salt"), "identifier": identifier, "salt": "salt", "salt_after": true,
	})
	hash := func() (unpeppered, salted bool) {
		for _, it := range tableItems(t) {
			if strings.Contains(it, `"pk":"KEY#`+made.Results[0].ID+`","`) && strings.Contains(it, `"sk":"KEY"`) {
				return strings.Contains(it, `"key_hash":":`), strings.Contains(it, `"salt":`)
			}
		}
		t.Fatal("the table does not have the key")
		return false, false
	}
	if unpeppered, salted := hash(); !unpeppered || !salted {
		t.Fatal("it has another hash before it was used: this test proves nothing")
	}
	get(t, full, me).is(t, 200)
	for began := time.Now(); ; time.Sleep(500 * time.Millisecond) {
		unpeppered, salted := hash()
		if !unpeppered && !salted {
			break
		}
		if time.Since(began) > time.Minute {
			t.Fatal("a minute after its first use it has the hash that was imported")
		}
	}
	get(t, full, me).is(t, 200)
	send(t, request{method: "GET", path: me, as: full + "x"}).refused(t, 401, "API_KEY_INVALID")
}
