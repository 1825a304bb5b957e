package passkey_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestAnAnswerOfAnAuthenticatorIsAnObject(t *testing.T) {
	for text, want := range map[string]string{`{"id": "x"}`: `{"id": "x"}`, "null": "", "0": "refused", `"x"`: "refused", "[]": "refused", "true": "refused"} {
		var body struct {
			Credential passkey.Answer `json:"credential"`
		}
		err := json.Unmarshal([]byte(`{"credential": `+text+`}`), &body)
		got := string(body.Credential)
		if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
			got = "refused"
			expect.Same(t, text+": the field", wrong.Field, "credential")
		}
		expect.Same(t, text, got, want)
	}
}
