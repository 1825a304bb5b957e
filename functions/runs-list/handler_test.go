package main

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

// A fixture is usr_A with two projects, usr_B with one, and runs in all three: two in each,
// the older one first.
type fixture struct {
	t                     *testing.T
	f                     gateway.Function
	shop, blog, strangers project.Project
	runs                  map[string][]string // ids by project
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	s, ctx, now := storetest.New(t), context.Background(), time.Now()
	x := &fixture{t: t, f: gateway.Protected(handler{s}.serve), runs: map[string][]string{}}
	x.shop, x.blog = project.New("usr_A", "shop", "gf_", now), project.New("usr_A", "blog", "gf_", now)
	x.strangers = project.New("usr_B", "theirs", "gf_", now)
	for _, p := range []project.Project{x.shop, x.blog, x.strangers} {
		if err := s.CreateProject(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 {
		for j, p := range []project.Project{x.shop, x.blog, x.strangers} {
			r := run.New(p.Owner, p.ID, time.Hour, now.Add(time.Duration(10*i+j)*time.Second))
			if err := s.CreateRun(ctx, r); err != nil {
				t.Fatal(err)
			}
			x.runs[p.ID] = append(x.runs[p.ID], r.ID)
		}
	}
	storetest.AwaitIndex()
	return x
}

func (x *fixture) user() map[string]any {
	return gatewaytest.User("usr_A", "a@example.com", "member", "read:events")
}

func (x *fixture) key(in project.Project) map[string]any {
	return gatewaytest.Key("0123456789abcdef", "read_only", in.Owner, in.ID, "read:events")
}

func (x *fixture) ask(caller map[string]any, query string) gatewaytest.Answer {
	x.t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		x.t.Fatal(err)
	}
	sent := map[string]string{}
	for name := range values {
		sent[name] = values.Get(name)
	}
	return gatewaytest.Do(x.t, x.f, gatewaytest.Call{Method: "GET", Resource: "/v1/runs", Query: sent, Authorizer: caller})
}

// list follows the pages of a list to its end.
func (x *fixture) list(caller map[string]any, query string) (ids []string, pages int) {
	x.t.Helper()
	for {
		got := x.ask(caller, query)
		var page []run.View
		if err := json.Unmarshal([]byte(got.Body), &page); err != nil || got.Status != 200 {
			x.t.Fatalf("%d %s: %v", got.Status, got.Body, err)
		}
		for _, v := range page {
			ids = append(ids, v.ID)
		}
		pages++
		link, more := strings.CutPrefix(got.Header["Link"], "<?")
		if !more {
			return ids, pages
		}
		query = strings.TrimSuffix(link, `>; rel="next"`)
	}
}

func TestUserSeesTheRunsOfAllTheirProjectsNewestFirst(t *testing.T) {
	x := setUp(t)
	shop, blog := x.runs[x.shop.ID], x.runs[x.blog.ID]
	want := []string{blog[1], shop[1], blog[0], shop[0]}
	for _, query := range []string{"", "limit=1", "limit=3", "project="} {
		if got, _ := x.list(x.user(), query); !slices.Equal(got, want) {
			t.Errorf("%q: the runs are %v, want %v", query, got, want)
		}
	}
	if got, _ := x.list(x.user(), "project="+x.shop.ID); !slices.Equal(got, []string{shop[1], shop[0]}) {
		t.Errorf("of one project they are %v", got)
	}
}

// A small project beside a busy one: no page of its list has anything of the other, not even a
// place that is left empty.
func TestKeySeesTheRunsOfItsProjectAndPagesOfNothingElse(t *testing.T) {
	x := setUp(t)
	shop := x.runs[x.shop.ID]
	for _, query := range []string{"limit=1", "limit=1&project=" + x.shop.ID} {
		got, pages := x.list(x.key(x.shop), query)
		if !slices.Equal(got, []string{shop[1], shop[0]}) {
			t.Errorf("%q: the runs are %v", query, got)
		}
		if pages > 3 { // one run each, and one that finds the end
			t.Errorf("%q: two runs came in %d pages", query, pages)
		}
	}
}

func TestProjectOfAnotherDoesNotExist(t *testing.T) {
	x := setUp(t)
	for name, row := range map[string]struct {
		caller  map[string]any
		project string
	}{
		"a stranger's":                         {x.user(), x.strangers.ID},
		"its owner's other one":                {x.key(x.shop), x.blog.ID},
		"nobody's":                             {x.user(), "prj_AAAAAAAAAAAAAAAAAAAAAAAAAA"},
		"one that is no id":                    {x.user(), "*"},
		"the owner's id in place of a project": {x.user(), "usr_A"},
	} {
		got := x.ask(row.caller, "project="+url.QueryEscape(row.project))
		if got.Status != 404 {
			t.Errorf("%s: status %d, want 404: %s", name, got.Status, got.Body)
		}
		if got.Code(t) != "RESOURCE_NOT_FOUND" {
			t.Errorf("%s: error_code: %v, want RESOURCE_NOT_FOUND", name, got.Code(t))
		}
	}
}

func TestCursorOfAnotherListIsRefused(t *testing.T) {
	x := setUp(t)
	link := x.ask(x.user(), "limit=1").Header["Link"]
	cursor, _, _ := strings.Cut(strings.TrimPrefix(link, "<?cursor="), "&")
	if cursor == "" {
		t.Fatal("four runs fit on a page of one")
	}
	for name, got := range map[string]gatewaytest.Answer{
		"a key":           x.ask(x.key(x.shop), "cursor="+cursor),
		"another project": x.ask(x.user(), "project="+x.shop.ID+"&cursor="+cursor),
		"nonsense":        x.ask(x.user(), "cursor=x"),
		"a wrong limit":   x.ask(x.user(), "limit=0"),
	} {
		if got.Status != 400 {
			t.Errorf("%s: status %d, want 400: %s", name, got.Status, got.Body)
		}
		if got.Code(t) != "INVALID_PARAMETER" {
			t.Errorf("%s: error_code: %v, want INVALID_PARAMETER", name, got.Code(t))
		}
	}
}
