package run

import "time"

// A View is a run as callers see it. Project and project_id, started_at and startedAt are the
// same under the words of different dialects; base_url and steps are there for clients that
// expect them, and always empty: what a run does stands in its events.
type View struct {
	ID         string     `json:"id"`
	Status     string     `json:"status"`
	Project    string     `json:"project"`
	ProjectID  string     `json:"project_id"`
	StartedAt  time.Time  `json:"started_at"`
	StartedAt2 time.Time  `json:"startedAt"`
	EndedAt    *time.Time `json:"ended_at"`   // null while it runs
	DurationMS int64      `json:"durationMs"` // 0 while it runs
	LastSeq    int        `json:"last_seq"`   // of its newest event, 0 before the first
	BaseURL    string     `json:"baseUrl"`
	Steps      []struct{} `json:"steps"`
}

// View shows a run. It ended with its last event: none can follow.
func (r *Run) View() View {
	v := View{
		ID: r.ID, Status: r.Status, Project: r.Project, ProjectID: r.Project,
		StartedAt: r.CreatedAt, StartedAt2: r.CreatedAt, LastSeq: r.LastSeq, Steps: []struct{}{},
	}
	if r.Finished() {
		v.EndedAt, v.DurationMS = &r.LastAt, r.LastAt.Sub(r.CreatedAt).Milliseconds()
	}
	return v
}
