package gateway_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestEachMistakeInABodyHasItsStatus(t *testing.T) {
	f := gateway.Protected(func(_ context.Context, r *gateway.Request, _ gateway.Principal) (gateway.Response, error) {
		var body struct {
			Name  string `json:"name"`
			Inner struct {
				N int `json:"n"`
			} `json:"inner"`
			Scopes []string          `json:"scopes"`
			Meta   map[string]string `json:"meta"`
			Raw    json.RawMessage   `json:"raw"`
		}
		if err := r.JSON(&body); err != nil {
			return gateway.Response{}, err
		}
		return gateway.JSON(200, body), nil
	})
	for _, row := range []struct {
		name, media, body string
		status            int
		field             string
	}{
		{"good", "application/json", `{"name":"x"}`, 200, ""},
		{"parameters", "Application/JSON; charset=utf-8", `{"name":"x"}`, 200, ""},
		{"no media type", "", ` {"name":"x"} `, 200, ""},
		{"as large as may be", "", `{"name":"` + strings.Repeat("x", gateway.MaxBody-11) + `"}`, 200, ""},
		{"one byte more", "", `{"name":"` + strings.Repeat("x", gateway.MaxBody-10) + `"}`, 413, ""},
		{"empty", "", "", 400, ""},
		{"blank", "", " \n", 400, ""},
		{"cut off", "", `{"name":`, 400, ""},
		{"two objects", "", `{}{}`, 400, ""},
		{"deep", "", strings.Repeat(`{"inner":`, 7000), 400, ""},
		{"array", "", `[]`, 422, ""},
		{"null", "", `null`, 422, ""},
		{"text", "", `"x"`, 422, ""},
		{"wrong type", "", `{"name":7}`, 422, "name"},
		{"wrong type inside", "", `{"inner":{"n":"7"}}`, 422, "inner.n"},
		{"beyond int", "", `{"inner":{"n":1e400}}`, 422, "inner.n"},
		{"unknown field", "", `{"nam\"e":"x"}`, 422, `nam"e`},
		{"another case", "", `{"Name":"x"}`, 422, "Name"},
		{"a letter that folds into s", "", `{"ſcopes":[]}`, 422, "ſcopes"},
		{"another case beside the right one", "", `{"name":"x","NAME":"y"}`, 422, "NAME"},
		{"another case inside", "", `{"inner":{"N":1}}`, 422, "inner.N"},
		{"twice", "", `{"name":"x","name":"x"}`, 422, "name"},
		{"twice, escaped", "", `{"name":"x","\u006eame":"y"}`, 422, "name"},
		{"twice inside", "", `{"inner":{"n":1,"n":1}}`, 422, "inner.n"},
		{"twice in a map", "", `{"meta":{"a":"x","a":"x"}}`, 422, "meta.a"},
		{"two cases in a map", "", `{"meta":{"a":"x","A":"x"}}`, 200, ""},
		{"twice in what is read later", "", `{"raw":[{"a":[{"b":1,"b":2}]}]}`, 422, "raw.a.b"},
		{"any name in what is read later", "", `{"raw":{"Name":1,"name":[1,{"x":null}]},"scopes":["a","a"]}`, 200, ""},
		{"an object for a text", "", `{"name":{"Name":1}}`, 422, "name"},
		{"a text for a list", "", `{"scopes":"x"}`, 422, "scopes"},
		{"form", "application/x-www-form-urlencoded", `{"name":"x"}`, 415, ""},
		{"nonsense media type", ";;;", `{"name":"x"}`, 415, ""},
	} {
		c := call(someone)
		c.Body = row.body
		if row.media != "" {
			c.Header = map[string]string{"content-TYPE": row.media}
		}
		a := gatewaytest.Do(t, f, c)
		if a.Status != row.status {
			t.Errorf("%s: %d, want %d: %.200s", row.name, a.Status, row.status, a.Body)
			continue
		}
		if row.field != "" {
			fields, _ := a.JSON(t)["fields"].([]any)
			if len(fields) != 1 {
				t.Errorf("%s: fields are %v, want one", row.name, fields)
				continue
			}
			expect.Same[any](t, row.name+": the field that is named", fields[0].(map[string]any)["field"], row.field)
		}
	}
}

func TestAValueOfAnotherKindIsToldWhatItMustBe(t *testing.T) {
	f := gateway.Unlimited(func(_ context.Context, r *gateway.Request) (gateway.Response, error) {
		var body struct {
			Text  *string        `json:"text"`
			Count int            `json:"count"`
			Flag  bool           `json:"flag"`
			List  []string       `json:"list"`
			Map   map[string]any `json:"map"`
		}
		return gateway.JSON(200, body), r.JSON(&body)
	})
	for body, want := range map[string]string{
		`{"text":7}`:    "must be a string",
		`{"count":"7"}`: "must be a whole number",
		`{"count":1.5}`: "must be a whole number",
		`{"flag":1}`:    "must be true or false",
		`{"list":"x"}`:  "must be an array",
		`{"list":[1]}`:  "must be a string",
		`{"map":[]}`:    "must be an object",
	} {
		a := gatewaytest.Do(t, f, gatewaytest.Call{Body: body})
		fields, _ := a.JSON(t)["fields"].([]any)
		if len(fields) != 1 {
			t.Errorf("%s: fields are %v, want one", body, fields)
			continue
		}
		expect.Same[any](t, body, fields[0].(map[string]any)["message"], want)
	}
}

func TestBase64BodyIsDecodedBeforeItIsMeasured(t *testing.T) {
	f := gateway.Unlimited(func(_ context.Context, r *gateway.Request) (gateway.Response, error) {
		body, err := r.Body()
		return gateway.Response{Status: 200, Body: body}, err
	})
	for _, row := range []struct {
		body   string
		status int
	}{
		{base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), gateway.MaxBody)), 200},
		{base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), gateway.MaxBody+1)), 413},
		{"%%%", 400},
	} {
		res, err := f(context.Background(), events.APIGatewayProxyRequest{Body: row.body, IsBase64Encoded: true})
		if err != nil || res.StatusCode != row.status {
			t.Errorf("%d, want %d: %v", res.StatusCode, row.status, err)
		}
	}
}
