package main

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/run"
)

func TestCursorThatNoPollOfThisRunGaveOutIsRefused(t *testing.T) {
	x := setUp(t, 0)
	x.append(2, 1, run.Running)
	other := run.New("usr_A", "prj_A", time.Hour, time.Now())
	place := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for name, cursor := range map[string]string{
		"no base64": "!!", "a number": "1", "no number": place(x.run.ID + "#"),
		"beyond the end": x.run.Cursor(3), "before the start": x.run.Cursor(-1),
		"another spelling": place(x.run.ID + "#01"), "a sign": place(x.run.ID + "#+1"),
		"of another run": other.Cursor(1), "padded": x.run.Cursor(1) + "=", "long": strings.Repeat("A", 2000),
		"overflowing": place(x.run.ID + "#99999999999999999999"),
	} {
		switch got := x.call(map[string]string{"cursor": cursor}); {
		case got.Status != 400:
			t.Errorf("%s: status %d, want 400: %s", name, got.Status, got.Body)
		case got.Code(t) != "INVALID_PARAMETER":
			t.Errorf("%s: error_code: %v, want INVALID_PARAMETER", name, got.Code(t))
		}
	}
	for _, limit := range []string{"0", "-1", "1001", "x", "1.5", "99999999999999999999"} {
		if got := x.call(map[string]string{"limit": limit}); got.Code(t) != "INVALID_PARAMETER" {
			t.Errorf("limit %s: %d %s, want 400", limit, got.Status, got.Body)
		}
	}
}
