package passkey

import (
	"encoding/json"
	"reflect"
)

// An Answer is what an authenticator answered: a JSON object, as WebAuthn's toJSON() has it.
type Answer json.RawMessage

// UnmarshalJSON refuses what is no object, also where nothing reads the answer. null is the same as absent.
func (a *Answer) UnmarshalJSON(text []byte) error {
	switch {
	case string(text) == "null":
		return nil
	case text[0] != '{':
		return &json.UnmarshalTypeError{Value: "value", Type: reflect.TypeFor[map[string]any]()}
	}
	*a = append((*a)[:0], text...)
	return nil
}
