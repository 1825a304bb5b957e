//go:build e2e

package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

func startRun(t testing.TB, as string, body any) string {
	t.Helper()
	return decode[struct{ ID string }](t, send(t, request{method: "POST", path: "/v1/runs", as: as, body: body}).is(t, 201)).ID
}

// runsOf follows a list to its end, by the addresses that its pages name.
func runsOf(t testing.TB, as, query string) []string {
	t.Helper()
	ids := []string{}
	for {
		a := send(t, request{method: "GET", path: "/v1/runs" + query, as: as}).is(t, 200)
		for _, r := range decode[[]struct{ ID string }](t, a) {
			ids = append(ids, r.ID)
		}
		link, more := strings.CutPrefix(a.header.Get("Link"), "<")
		if !more {
			return ids
		}
		query = strings.TrimSuffix(link, `>; rel="next"`)
	}
}

func TestRunsAreListedNewestFirstToWhomTheyBelong(t *testing.T) {
	p, stranger := member(t), other(t)
	shop := newProject(t, p.token, "shop_")
	inShop := newKey(t, p.token, object{"project_id": shop.ID})
	first := startRun(t, p.token, nil)
	second := startRun(t, inShop.Key, nil)
	third := startRun(t, p.token, object{"project_id": shop.ID})

	for _, row := range []struct {
		who, as, query string
		want           []string
	}{
		{"the user", p.token, "", []string{third, second, first}},
		{"the user, in pages of one", p.token, "?limit=1", []string{third, second, first}},
		{"the user, of one project", p.token, "?project=" + shop.ID, []string{third, second}},
		{"the user, of one project in pages", p.token, "?limit=1&project=" + shop.ID, []string{third, second}},
		{"a key", inShop.Key, "", []string{third, second}},
		{"a key in pages", inShop.Key, "?limit=1", []string{third, second}},
		{"a key of its project", inShop.Key, "?project=" + shop.ID, []string{third, second}},
		{"a key of the other project", newKey(t, p.token, nil).Key, "", []string{first}},
	} {
		if got := runsOf(t, row.as, row.query); !slices.Equal(got, row.want) {
			t.Errorf("%s: got %v, want %v", row.who, got, row.want)
		}
	}
	for who, as := range map[string]string{
		"another user": stranger.token, "another user's key": newKey(t, stranger.token, nil).Key,
		"a key of another project": newKey(t, p.token, nil).Key, "an administrator": admin(t).token,
		"an administrator's key": newKey(t, admin(t).token, object{"scopes": []string{"admin"}}).Key,
	} {
		send(t, request{method: "GET", path: "/v1/runs?project=" + shop.ID, as: as}).refused(t, 404, "RESOURCE_NOT_FOUND")
		send(t, request{method: "GET", path: "/v1/runs/" + second, as: as}).refused(t, 404, "RESOURCE_NOT_FOUND")
		if list := send(t, request{method: "GET", path: "/v1/runs?limit=100", as: as}).is(t, 200); strings.Contains(string(list.body), second) {
			t.Errorf("%s sees the run in their list", who)
		}
	}
	link := send(t, request{method: "GET", path: "/v1/runs?limit=1", as: p.token}).header.Get("Link")
	cursor, _, _ := strings.Cut(strings.TrimPrefix(link, "<?cursor="), "&")
	send(t, request{method: "GET", path: "/v1/runs?cursor=" + cursor, as: stranger.token}).refused(t, 400, "INVALID_PARAMETER")
	send(t, request{method: "GET", path: "/v1/runs?cursor=" + cursor, as: inShop.Key}).refused(t, 400, "INVALID_PARAMETER")
}

func TestRunsTakeTheScopeToReadEvents(t *testing.T) {
	p := owner(t)
	id := startRun(t, p.token, nil)
	writer, reader := newKey(t, p.token, object{"type": "client"}), newKey(t, p.token, object{"type": "read_only"})
	stats := newKey(t, p.token, object{"scopes": []string{"read:stats"}})
	for _, r := range []request{
		{method: "GET", path: "/v1/runs"}, {method: "GET", path: "/v1/runs/" + id}, {method: "POST", path: "/v1/runs/" + id + "/ticket"},
	} {
		for _, k := range []key{writer, stats} {
			r.as = k.Key
			send(t, r).refused(t, 403, "INSUFFICIENT_SCOPE")
		}
		r.as = reader.Key
		if a := send(t, r); a.status > 299 {
			t.Errorf("%s by a read-only key: %d %s", a.asked, a.status, a.body)
		}
	}
	send(t, request{method: "POST", path: "/v1/runs", as: reader.Key}).refused(t, 403, "INSUFFICIENT_SCOPE")
	send(t, request{method: "POST", path: "/v1/runs/" + id + "/events", as: reader.Key, body: object{"status": "pass"}}).refused(t, 403, "INSUFFICIENT_SCOPE")
}

// Any key sees its project; one that holds every scope but admin may make another, for its owner.
func TestKeySeesItsProjectAndMayMakeOneIfItHoldsEveryScope(t *testing.T) {
	p := member(t)
	own := projectsOf(t, p.token)[0]
	for kind, may := range map[string]bool{"scoped": true, "secret": true, "client": false, "read_only": false, "narrow": false, "narrow secret": false} {
		fields := object{"type": strings.TrimPrefix(kind, "narrow ")}
		if kind == "narrow" {
			fields = object{}
		}
		if strings.HasPrefix(kind, "narrow") {
			fields["scopes"] = []string{"read:events", "write:events"}
		}
		k := newKey(t, p.token, fields)
		var seen []project
		a := send(t, request{method: "GET", path: "/v1/projects", as: k.Key}).is(t, 200)
		err := json.Unmarshal(a.body, &seen)
		if err != nil {
			t.Fatal(err)
		}
		if len(seen) != 1 {
			t.Fatalf("a %s key sees %d projects, want 1", kind, len(seen))
		}
		expect.Same(t, "the project that a "+kind+" key sees", seen[0].ID, own.ID)
		create := request{method: "POST", path: "/v1/projects", as: k.Key, body: object{"label": "by a " + kind + " key"}}
		if !may {
			send(t, create).refused(t, 403, "INSUFFICIENT_SCOPE")
			continue
		}
		made := decode[project](t, send(t, create).is(t, 201))
		send(t, request{method: "POST", path: "/v1/runs", as: k.Key, body: object{"project_id": made.ID}}).refused(t, 404, "RESOURCE_NOT_FOUND")
		startRun(t, p.token, object{"project_id": made.ID}) // it is the owner's
	}
}
