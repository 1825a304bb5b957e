package audit

import "encoding/json"

// Differences returns what a change alters, for the detail of its entry: of each field "<field>_from"
// and "<field>_to". Both maps have the same fields.
func Differences(before, after map[string]string) map[string]string {
	detail := map[string]string{}
	for name, from := range before {
		if to := after[name]; to != from {
			detail[name+"_from"], detail[name+"_to"] = from, to
		}
	}
	return detail
}

// Object returns JSON, whose names are in order, or a word for an empty object.
func Object(v any, empty string) string {
	text, err := json.Marshal(v)
	if err != nil || string(text) == "{}" || string(text) == "null" {
		return empty
	}
	return string(text)
}
