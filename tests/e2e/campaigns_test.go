//go:build e2e

package e2e

import (
	"os"
	"strings"
	"testing"
)

// The tests named TestCampaigns… are of somebody else's API, which the exported
// authorizer guards (examples/campaigns, deployed by `make example`).

type campaign struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	CreatedBy string `json:"created_by"`
}

// example sends a request to the example, as it stands. What API Gateway says there in its
// own words is a stranger's, so only its status counts.
func example(t testing.TB, method, path, credential, body string) answer {
	t.Helper()
	header := map[string]string{}
	if credential != "" {
		header["Authorization"] = "Bearer " + credential
	}
	return exampleWith(t, method, path, header, body)
}

func exampleWith(t testing.TB, method, path string, header map[string]string, body string) answer {
	t.Helper()
	r := request{method: method, path: path, header: header}
	if body != "" {
		r.body = body
	}
	a, err := tryAt(t, client, os.Getenv("EXAMPLE_API_URL"), r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func newCampaign(t testing.TB, as, name string) campaign {
	t.Helper()
	return decode[campaign](t, example(t, "POST", "/api/campaigns", as, `{"name": "`+name+`"}`).is(t, 201))
}

func campaignsOf(t testing.TB, as string) []campaign {
	t.Helper()
	return decode[struct {
		Campaigns []campaign `json:"campaigns"`
	}](t, example(t, "GET", "/api/campaigns", as, "").is(t, 200)).Campaigns
}

func TestCampaignsAreReachedByEachKindOfKeyAsItsScopesSay(t *testing.T) {
	needs(t, theExample)
	for _, tt := range []struct {
		name        string
		key         object
		read, write bool
	}{
		{"read:campaigns", object{"scopes": []string{"read:campaigns"}}, true, false},
		{"write:campaigns", object{"scopes": []string{"write:campaigns"}}, false, true},
		{"both", object{"scopes": []string{"read:campaigns", "write:campaigns"}}, true, true},
		{"the other spelling", object{"permissions": []string{"campaigns:read"}}, true, false},
		{"scopes of something else", object{"scopes": []string{"read:billing", "write:offers"}}, false, false},
		{"legacy read", object{"permissions": []string{"read"}}, true, false},
		{"legacy write", object{"permissions": []string{"write"}}, true, true},
		{"legacy admin", object{"permissions": []string{"admin"}}, true, true},
		{"a scoped key of no scopes named", nil, true, true},
		{"secret", object{"type": "secret"}, true, true},
		{"secret, narrowed", object{"type": "secret", "scopes": []string{"read:campaigns"}}, true, false},
		{"client", object{"type": "client"}, false, false},
		{"read_only", object{"type": "read_only"}, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			made := newCampaign(t, admin(t).token, "before")
			one := "/api/campaigns/" + made.ID
			k := newKey(t, admin(t).token, tt.key).Key
			status := func(open bool, success int) int {
				if open {
					return success
				}
				return 403
			}
			example(t, "GET", "/api/campaigns", k, "").is(t, status(tt.read, 200))
			example(t, "GET", one, k, "").is(t, status(tt.read, 200))
			example(t, "POST", "/api/campaigns", k, `{"name": "made"}`).is(t, status(tt.write, 201))
			example(t, "PATCH", one, k, `{"name": "after"}`).is(t, status(tt.write, 200))
			if got := decode[campaign](t, example(t, "GET", one, admin(t).token, "").is(t, 200)).Name; (got == "after") != tt.write {
				t.Errorf("the campaign is called %q", got)
			}
			example(t, "DELETE", one, k, "").is(t, status(tt.write, 204))
			example(t, "GET", one, admin(t).token, "").is(t, map[bool]int{true: 404, false: 200}[tt.write])
		})
	}
}

func TestCampaignsAnswerTheCurlOfTheTokenPairsDialect(t *testing.T) {
	needs(t, theExample)
	who := member(t)
	made := decode[struct {
		ID string `json:"id"`
	}](t, send(t, request{method: "POST", path: "/v1/projects", as: who.token,
		body: object{"name": "Affilync", "key_prefix": "afk_live_"}}).is(t, 201))
	k := newKey(t, who.token, object{"project_id": made.ID, "scopes": []string{"read:campaigns"}})
	if !strings.HasPrefix(k.Key, "afk_live_") {
		t.Fatalf("the key starts with %q", k.Key[:9])
	}
	example(t, "GET", "/api/campaigns", k.Key, "").is(t, 200)
	exampleWith(t, "GET", "/api/campaigns", map[string]string{"X-Api-Key": k.Key}, "").is(t, 200)
	example(t, "GET", "/api/campaigns", who.token, "").is(t, 200)

	login := decode[struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
	}](t, send(t, request{method: "POST", path: "/api/auth/login", body: object{"email": who.Email, "password": who.password}}).is(t, 200))
	example(t, "GET", "/api/campaigns", login.AccessToken, "").is(t, 200)
	example(t, "GET", "/api/campaigns", login.RefreshToken, "").is(t, 401)
}

func TestCampaignsOfAnotherProjectDoNotExist(t *testing.T) {
	needs(t, theExample)
	mine := newCampaign(t, owner(t).token, "mine")
	one := "/api/campaigns/" + mine.ID
	second := decode[struct {
		ID string `json:"id"`
	}](t, send(t, request{method: "POST", path: "/v1/projects", as: owner(t).token, body: object{"name": "Second"}}).is(t, 201))
	for name, credential := range map[string]string{
		"another user":                       other(t).token,
		"another user's secret key":          newKey(t, other(t).token, object{"type": "secret"}).Key,
		"the same user's in another project": newKey(t, owner(t).token, object{"type": "secret", "project_id": second.ID}).Key,
	} {
		t.Run(name, func(t *testing.T) {
			example(t, "GET", one, credential, "").is(t, 404)
			example(t, "PATCH", one, credential, `{"name": "theirs"}`).is(t, 404)
			example(t, "DELETE", one, credential, "").is(t, 404)
			for _, c := range campaignsOf(t, credential) {
				if c.ID == mine.ID {
					t.Error("the list shows it")
				}
			}
		})
	}
	got := decode[campaign](t, example(t, "GET", one, newKey(t, owner(t).token, object{"type": "secret"}).Key, "").is(t, 200))
	if got != mine {
		t.Errorf("got %+v, want %+v", got, mine)
	}
}

func TestCampaignsAreClosedToEveryBadCredential(t *testing.T) {
	needs(t, theExample)
	k := newKey(t, owner(t).token, object{"type": "secret"})
	revoked := newKey(t, owner(t).token, nil)
	revoke(t, owner(t).token, revoked.ID)
	for name, tt := range map[string]struct {
		header map[string]string
		want   int
	}{
		"none":            {nil, 401},
		"bad checksum":    {map[string]string{"Authorization": "Bearer " + k.Key[:len(k.Key)-1] + "!"}, 401},
		"wrong secret":    {map[string]string{"X-Api-Key": withSecret(k.Key, strings.Repeat("A", 30))}, 401},
		"unknown":         {map[string]string{"X-Api-Key": withID(k.Key, strings.Repeat("A", 16))}, 401},
		"revoked":         {map[string]string{"X-Api-Key": revoked.Key}, 401},
		"another scheme":  {map[string]string{"Authorization": "Basic " + k.Key}, 401},
		"forged token":    {map[string]string{"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."}, 401},
		"two credentials": {map[string]string{"Authorization": "Bearer " + owner(t).token, "X-Api-Key": k.Key}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			exampleWith(t, "GET", "/api/campaigns", tt.header, "").is(t, tt.want)
			exampleWith(t, "GET", "/api/campaigns?token="+owner(t).token, tt.header, "").is(t, tt.want)
		})
	}
}

func TestCampaignsRefuseARevokedKeyOnTheNextRequest(t *testing.T) {
	needs(t, theExample)
	k := newKey(t, owner(t).token, object{"scopes": []string{"read:campaigns"}})
	for range 3 {
		example(t, "GET", "/api/campaigns", k.Key, "").is(t, 200)
	}
	revoke(t, owner(t).token, k.ID)
	example(t, "GET", "/api/campaigns", k.Key, "").is(t, 401)
}

// //api/campaigns and /api/campaigns%2f7 are not here: the emulator makes /api/campaigns
// and /api/campaigns/7 of them before it asks the authorizer. The policy's own tests
// have them as API Gateway would ask.
func TestCampaignsOpenNoPathThatNobodyNamed(t *testing.T) {
	needs(t, theExample)
	made := newCampaign(t, owner(t).token, "x")
	k := newKey(t, owner(t).token, object{"scopes": []string{"read:campaigns", "write:campaigns"}}).Key
	for _, path := range []string{
		"/api/campaigns-evil", "/api/campaigns/../billing", "/api/campaigns/../campaigns", "/api//campaigns",
		"/api/campaigns/%2e%2e/billing", "/api/campaigns/%2E%2E", "/api/campaigns/%2e", "/api/campaigns/..", "/api/campaigns/.",
		"/API/CAMPAIGNS", "/api/Campaigns", "/api/campaigns/", "/api/campaigns/" + made.ID + "/",
		"/api/campaigns/" + strings.ToLower(made.ID), "/api/campaigns/*", "/api/*", "/api/campaigns;x=1", "/api/campaigns/a%00b",
		"/api/campaigns/" + strings.Repeat("a", 2000), "/" + strings.Repeat("a", 2000), "/", "/api", "/api/billing",
	} {
		for _, method := range []string{"GET", "DELETE"} {
			if a := example(t, method, path, k, ""); a.status < 400 || a.status > 499 {
				t.Errorf("%s: got %d\n%s", a.asked, a.status, a.body)
			}
		}
	}
	example(t, "GET", "/api/campaigns/"+made.ID, k, "").is(t, 200)
}

func TestCampaignsAnswerBadInputWithA4xx(t *testing.T) {
	needs(t, theExample)
	k := newKey(t, owner(t).token, nil).Key
	for _, body := range []string{
		"", "{", "[]", "null", "7", `{"name": 7}`, `{"name": ""}`, `{"title": "x"}`, `{"name": "` + strings.Repeat("x", 101) + `"}`,
		`{"name": "` + strings.Repeat("x", 70<<10) + `"}`, "\x00\xff",
	} {
		for _, r := range [][2]string{{"POST", "/api/campaigns"}, {"PATCH", "/api/campaigns/none"}} {
			if a := example(t, r[0], r[1], k, body); a.status < 400 || a.status > 499 {
				t.Errorf("%s with %.40q: got %d", a.asked, body, a.status)
			}
		}
	}
}
