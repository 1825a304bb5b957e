//go:build e2e

package e2e

import (
	"net/url"
	"testing"
	"time"
)

// A sdk sends the requests of the runs dialect's public client, @ghostly-io/client 0.1.1, to the
// letter: a key in X-Api-Key, no Accept and no Authorization, these paths, these bodies. What it
// gives back is read as that client's types have it. (The package is not on npm; its own source
// was run against this API by hand, unchanged.)
type sdk struct {
	t      *testing.T
	apiKey string
}

type sdkProject struct{ ID, Label, Color, CreatedAt string }

type sdkRun struct {
	ID, Status, StartedAt, Project string
	DurationMS                     *int `json:"durationMs"`
	BaseURL                        *string
	Steps                          []any
}

func (c sdk) fetch(method, path string, body any, status int) answer {
	c.t.Helper()
	return send(c.t, request{method: method, path: path, header: map[string]string{"X-Api-Key": c.apiKey}, body: body}).is(c.t, status)
}

func (c sdk) listProjects() []sdkProject {
	c.t.Helper()
	return decode[[]sdkProject](c.t, c.fetch("GET", "/v1/projects", nil, 200))
}

func (c sdk) createProject(body object) sdkProject {
	c.t.Helper()
	return decode[sdkProject](c.t, c.fetch("POST", "/v1/projects", body, 201))
}

func (c sdk) listRuns(query string) []sdkRun {
	c.t.Helper()
	return decode[[]sdkRun](c.t, c.fetch("GET", "/v1/runs"+query, nil, 200))
}

func (c sdk) getRun(id string) sdkRun {
	c.t.Helper()
	return decode[sdkRun](c.t, c.fetch("GET", "/v1/runs/"+id, nil, 200))
}

// waitForRun asks once in pollMs until the run is no longer running.
func (c sdk) waitForRun(id string) sdkRun {
	c.t.Helper()
	const pollMs = 250
	for range 60 {
		if r := c.getRun(id); r.Status != "running" {
			return r
		}
		time.Sleep(pollMs * time.Millisecond)
	}
	c.t.Fatal("the run does not end")
	return sdkRun{}
}

func (c sdk) runEventsURL(id, token string) string {
	return "/v1/runs/" + id + "/events/stream?token=" + url.QueryEscape(token)
}

func TestClientOfTheRunsDialectWorksUnchanged(t *testing.T) {
	p := member(t)
	// As its documentation makes one: a label and nothing else.
	k := decode[key](t, send(t, request{method: "POST", path: "/v1/api-keys", as: p.token, body: object{"label": "local-sdk"}}).is(t, 201))
	keepSecret(secretOf(k.Key))
	c := sdk{t, k.Key}
	fact := func(what string, holds bool, seen any) {
		t.Helper()
		if !holds {
			t.Errorf("%s: %+v", what, seen)
		}
	}

	before := c.listProjects()
	if len(before) != 1 {
		t.Fatalf("the key sees %d projects: %+v", len(before), before)
	}
	fact("it is not the key's", before[0].ID == k.ProjectID, before)
	fact("it lacks a label, a color or a time", before[0].Label != "" && before[0].Color != "" && before[0].CreatedAt != "", before)
	colored, plain := c.createProject(object{"label": "Shop", "color": "#0ea5e9"}), c.createProject(object{"label": "Plain"})
	fact("the project has another label", colored.Label == "Shop", colored)
	fact("the project has another color", colored.Color == "#0ea5e9", colored)
	fact("a project without a color lacks one", plain.Color != "", plain)
	after := c.listProjects()
	fact("the key sees projects beyond its own", len(after) == 1 && after[0] == before[0], after)

	first := decode[sdkRun](t, c.fetch("POST", "/v1/runs", nil, 201))
	second := decode[sdkRun](t, c.fetch("POST", "/v1/runs", nil, 201))
	for _, query := range []string{"", "?project=" + k.ProjectID} {
		runs := c.listRuns(query)
		fact("not both runs are listed, newest first", len(runs) == 2 && runs[0].ID == second.ID && runs[1].ID == first.ID, runs)
	}
	running := c.getRun(first.ID)
	fact("it does not run", running.Status == "running", running)
	fact("it is of another project", running.Project == k.ProjectID, running)
	fact("it lacks what the client's type requires", running.StartedAt != "" && running.DurationMS != nil && running.BaseURL != nil && running.Steps != nil, running)
	go func() {
		time.Sleep(time.Second)
		_, _ = try(t, client, request{method: "POST", path: "/v1/runs/" + first.ID + "/events", as: k.Key, body: object{"status": "pass"}})
	}()
	ended := c.waitForRun(first.ID)
	fact("it did not pass", ended.Status == "pass", ended)
	fact("it took no time", ended.DurationMS != nil && *ended.DurationMS >= 500, ended)
	send(t, request{method: "GET", path: c.runEventsURL(first.ID, p.token)}).is(t, 200)
}
