package quota

import "encoding/json"

// Logged returns the quota as logs show it. It shows of credits also what is left: to refill them changes
// nothing else.
func (q Quota) Logged() string {
	shown := struct {
		Limit     int64  `json:"limit"`
		Period    Period `json:"period,omitempty"`
		Remaining *int64 `json:"remaining,omitempty"`
	}{Limit: q.Limit, Period: q.Period}
	if q.Period == Credits {
		shown.Remaining = &q.Left
	}
	text, err := json.Marshal(shown)
	if q.Limit == 0 || err != nil {
		return "none"
	}
	return string(text)
}
