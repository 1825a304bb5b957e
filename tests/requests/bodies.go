package main

import (
	"context"
	"encoding/json"
	"maps"
	dices "math/rand/v2"
	"slices"
	"strings"
)

// fillBody gives a request a body that its route takes, or one that it must refuse.
func (g *generator) fillBody(ctx context.Context, dice *dices.Rand, a *attempt, h *holder) error {
	switch a.route.body {
	case "application/json":
		return g.fillJSON(ctx, dice, a, h)
	case "application/x-www-form-urlencoded":
		return g.fillForm(ctx, dice, a)
	}
	if dice.IntN(10) == 0 { // nobody reads it
		a.request.Body = []byte(any1(dice, []string{"{}", "{", "\x00", strings.Repeat("x", 100_000)}))
	}
	return nil
}

func (g *generator) fillJSON(ctx context.Context, dice *dices.Rand, a *attempt, h *holder) error {
	if !a.route.required && dice.IntN(3) == 0 {
		return nil
	}
	fields := map[string]any{}
	if len(a.route.examples) > 0 {
		maps.Copy(fields, any1(dice, a.route.examples))
	}
	if err := g.fillFields(ctx, dice, a, h, fields); err != nil {
		return err
	}
	if dice.IntN(4) == 0 {
		makeOdd(dice, fields)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	media := any1(dice, []string{"application/json", "application/json; charset=utf-8", "Application/JSON"})
	if dice.IntN(2) == 0 {
		b := any1(dice, badBodies)
		if text2, applies := b.from(string(text)); applies {
			a.forbid(!a.route.lines || slices.Contains(whole, b.name), "the body: "+b.name)
			text = []byte(text2)
			if b.name == "another media type" {
				media = any1(dice, []string{"text/plain", "application/x-www-form-urlencoded", "application/jsonx", "x", "application/json, text/plain"})
			}
		}
	}
	a.request.Header["Content-Type"] = []string{media}
	a.request.Body = text
	return nil
}

// odd are values that a field may or may not take: that is not what is asked here.
var odd = []json.RawMessage{
	[]byte(`"\ud800"`), []byte(`"\u0000"`), []byte(`"\u202egnihtemos"`), []byte(`"e\u0301"`), []byte(`"\ufffe"`), []byte(`"🔑"`), []byte(`" x "`), []byte(`""`),
	[]byte(`"` + strings.Repeat("\u00e9", 5000) + `"`), []byte(`"<script>"`), []byte(`"'; DROP TABLE x; --"`), []byte(`"../../etc/passwd"`),
	[]byte(`"9999-12-31T23:59:59.999999999Z"`), []byte(`"99999-01-01T00:00:00Z"`), []byte(`"2030-02-30T00:00:00Z"`), []byte(`"0000-01-01T00:00:00Z"`),
	[]byte(`-1`), []byte(`0`), []byte(`1e3`), []byte(`1.5`), []byte(`9223372036854775808`), []byte(`1e400`), []byte(`true`), []byte(`null`),
	[]byte(`[]`), []byte(`[null]`), []byte(`[[]]`), []byte(`["203.0.113.0/33"]`), []byte(`["::ffff:10.0.0.0/8"]`), []byte(`["read:events","read:events"]`),
	[]byte(`{}`), []byte(`{"":""}`), []byte(`{"a":"` + strings.Repeat("x", 4000) + `"}`), []byte(`{"read":0}`), []byte(`[{"kind":"status"}]`), []byte(`[{"kind":"x"}]`),
	[]byte(`[` + strings.Repeat(`{"kind":"assist"},`, 100) + `{"kind":"assist"}]`), []byte(`[{"kind":"assist","deep":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}]`),
	[]byte(`"running"`), []byte(`"pass"`), []byte(`"secret"`), []byte(`"admin"`),
}

// makeOdd gives one field an odd value. What names a person, a secret or a project is left alone, and so is what
// would change whom a key is for.
func makeOdd(dice *dices.Rand, fields map[string]any) {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool {
		return slices.Contains([]string{"email", "password", "refresh_token", "project_id", "scopes", "permissions"}, name)
	})
	if len(names) > 0 {
		fields[any1(dice, names)] = any1(dice, odd)
	}
}
