package strictdynamo

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/latchkey/latchkey/tests/faults"
)

// Settings tell how strict a proxy is.
type Settings struct {
	// Rows maps the rows of docs/aws.md ("7", "8", "10") to whether they are in force. A row
	// that is not in the map is in force.
	Rows map[string]bool `json:"rows"`

	// HoldMS is the least time in milliseconds for which a transaction holds its items. It is
	// answered when that time is over.
	HoldMS int `json:"hold_ms"`
	// ConflictRate is the share (0 to 1) of writes that are refused as if another
	// transaction held their item.
	ConflictRate float64 `json:"conflict_rate"`

	// WriteUnits and ReadUnits are the most units of a partition key in any second.
	WriteUnits float64 `json:"write_units"`
	ReadUnits  float64 `json:"read_units"`
	// ThrottleRate is the share (0 to 1) of calls that are refused as if their partition
	// had used up its units.
	ThrottleRate float64 `json:"throttle_rate"`

	// LagMS is the time in milliseconds during which an index does not show a change.
	LagMS int `json:"lag_ms"`

	// FaultRate is the share (0 to 1) of calls that have one of Faults.
	FaultRate float64        `json:"fault_rate"`
	Faults    []faults.Fault `json:"faults"`

	// SlowRate is the share (0 to 1) of calls that wait SlowMS first.
	SlowRate float64 `json:"slow_rate"`
	SlowMS   int     `json:"slow_ms"`
}

// Lag is the lag of an index if LagMS is not set. On AWS it is mostly a few milliseconds, and
// AWS promises no limit.
const Lag = 100 * time.Millisecond

// defaults returns AWS's limits. A transaction takes about 10 ms on AWS.
func defaults() *Settings {
	return &Settings{
		Rows: map[string]bool{}, HoldMS: 10, WriteUnits: 1000, ReadUnits: 3000, LagMS: int(Lag.Milliseconds()),
	}
}

func (s *Settings) on(row string) bool {
	strict, set := s.Rows[row]
	return strict || !set
}

func (s *Settings) hold() time.Duration { return time.Duration(s.HoldMS) * time.Millisecond }

func (s *Settings) lag() time.Duration {
	if !s.on("10") {
		return 0
	}
	return time.Duration(s.LagMS) * time.Millisecond
}

func chance(rate float64) bool {
	return rate > 0 && rand.Float64() < rate //nolint:gosec // who is refused is no secret
}

// Settings returns the settings in force.
func (p *Proxy) Settings() Settings {
	s := *p.settings.Load()
	rows := map[string]bool{}
	maps.Copy(rows, s.Rows)
	s.Rows = rows
	return s
}

// Set applies change to the settings. A call that has begun keeps its settings.
func (p *Proxy) Set(change func(*Settings)) {
	s := p.Settings()
	change(&s)
	p.settings.Store(&s)
	p.Line.FailAtRate(s.FaultRate, s.Faults...)
	p.Line.WaitAtRate(s.SlowRate, time.Duration(s.SlowMS)*time.Millisecond)
}

// SetClock gives the proxy another clock, for seconds and lag. No call may be under way.
func (p *Proxy) SetClock(now func() time.Time) { p.now = now }

// Strict switches a row on or off.
func (p *Proxy) Strict(row string, strict bool) {
	p.Set(func(s *Settings) { s.Rows[row] = strict })
}

const controlPath = "/_strict"

// control serves, beside DynamoDB:
//
//	GET  /_strict                    the settings
//	PUT  /_strict {"lag_ms":500}     changes the named settings, also {"rows":{"7":false}}
//	                                 or {"fault_rate":0.1,"faults":["lost","reset"]}
//	POST /_strict/expire?table=name  deletes expired items; answers {"deleted":3}
func (p *Proxy) control(w http.ResponseWriter, r *http.Request) {
	var out any
	var err error
	switch path := strings.TrimPrefix(r.URL.Path, controlPath); {
	case path == "/expire" && r.Method == http.MethodPost:
		var deleted int
		deleted, err = p.Expire(r.Context(), r.URL.Query().Get("table"), time.Now())
		out = map[string]int{"deleted": deleted}
	case path == "" && r.Method == http.MethodPut:
		s := p.Settings()
		in := json.NewDecoder(r.Body)
		in.DisallowUnknownFields()
		if err = in.Decode(&s); err == nil {
			p.Set(func(now *Settings) { *now = s })
		}
		out = s
	case path == "" && r.Method == http.MethodGet:
		out = p.Settings()
	default:
		err = fmt.Errorf("no %s %s here", r.Method, r.URL.Path)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // the client may have gone
}
