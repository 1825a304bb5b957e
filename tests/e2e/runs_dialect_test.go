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

	before := c.listProjects()
	if len(before) != 1 || before[0].ID != k.ProjectID || before[0].Label == "" || before[0].Color == "" || before[0].CreatedAt == "" {
		t.Errorf("listProjects: %+v", before)
	}
	if made := c.createProject(object{"label": "Shop", "color": "#0ea5e9"}); made.Label != "Shop" || made.Color != "#0ea5e9" || made.ID == "" || made.CreatedAt == "" {
		t.Errorf("createProject with a color: %+v", made)
	}
	if made := c.createProject(object{"label": "Plain"}); made.Label != "Plain" || made.Color == "" {
		t.Errorf("createProject without a color: %+v", made)
	}
	if after := c.listProjects(); len(after) != 1 || after[0] != before[0] {
		t.Errorf("the key sees projects beyond its own: %+v", after)
	}

	first := decode[sdkRun](t, c.fetch("POST", "/v1/runs", nil, 201))
	second := decode[sdkRun](t, c.fetch("POST", "/v1/runs", nil, 201))
	for _, query := range []string{"", "?project=" + k.ProjectID} {
		runs := eventually(func() ([]sdkRun, bool) { runs := c.listRuns(query); return runs, len(runs) == 2 })
		if len(runs) != 2 {
			t.Fatalf("listRuns%s: %d runs, want 2", query, len(runs))
		}
		same(t, "listRuns"+query+": the newest", runs[0].ID, second.ID)
		same(t, "listRuns"+query+": the oldest", runs[1].ID, first.ID)
		same(t, "listRuns"+query+": the project", runs[0].Project, k.ProjectID)
	}
	running := c.getRun(first.ID)
	if running.Status != "running" || running.StartedAt == "" || running.DurationMS == nil || running.BaseURL == nil || running.Steps == nil {
		t.Errorf("getRun while it runs: %+v", running)
	}
	go func() {
		time.Sleep(time.Second)
		_, _ = try(t, client, request{method: "POST", path: "/v1/runs/" + first.ID + "/events", as: k.Key, body: object{"status": "pass"}})
	}()
	if ended := c.waitForRun(first.ID); ended.Status != "pass" || ended.DurationMS == nil || *ended.DurationMS < 500 {
		t.Errorf("waitForRun: %+v", ended)
	}
	send(t, request{method: "GET", path: c.runEventsURL(first.ID, p.token)}).is(t, 200)
}

// eventually gives an index the time that it may lag behind the table.
func eventually[T any](look func() (T, bool)) T {
	var seen T
	for range 20 {
		found := false
		if seen, found = look(); found {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return seen
}
