package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

func TestListShowsTheCallersKeysMasked(t *testing.T) {
	ctx, s, now := context.Background(), storetest.New(t), time.Now()
	f := gateway.Protected(handler{s}.serve)
	for i, place := range [][2]string{{"usr_A", "prj_A"}, {"usr_A", "prj_A2"}, {"usr_A", "prj_A"}, {"usr_B", "prj_B"}} {
		full := apikey.New("gf_", apikey.NewID())
		k := apikey.Key{ID: apikey.NewID(), Label: fmt.Sprint(i), Owner: place[0], Project: place[1], Hash: "1:hash", Masked: apikey.Mask(full), CreatedAt: now.Add(time.Duration(i) * time.Second)}
		if err := s.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	storetest.AwaitIndex()
	owner := gatewaytest.User("usr_A", "a@example.com", "member", "")
	call := func(resource string, as map[string]any, query map[string]string) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{Method: "GET", Resource: resource, Authorizer: as, Query: query, Header: map[string]string{"Host": "api.example.com"}})
	}
	labels := func(a gatewaytest.Answer) (found string) {
		t.Helper()
		var list []map[string]any
		if err := json.Unmarshal([]byte(a.Body), &list); err != nil {
			t.Fatalf("%v: %+v", err, a)
		}
		for _, k := range list {
			key := k["key"].(string)
			if !strings.HasSuffix(key, "••••••••") {
				t.Errorf("the key is not masked: %s", key)
			}
			if strings.Contains(a.Body, "hash") {
				t.Errorf("the body has a hash: %s", a.Body)
			}
			found += k["label"].(string)
		}
		return found
	}
	if got := labels(call("/v1/api-keys", owner, nil)); got != "210" {
		t.Errorf("a user sees %s", got)
	}
	if got := labels(call("/v1/api-keys", gatewaytest.Key("k", "scoped", "usr_A", "prj_A", "admin"), nil)); got != "20" {
		t.Errorf("a key sees %s", got)
	}
	first := call("/v1/api-keys", owner, map[string]string{"limit": "2"})
	link, ok := strings.CutSuffix(strings.TrimPrefix(first.Header["Link"], "<"), `>; rel="next"`)
	next, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		t.Fatalf("no next page in the Link %q", first.Header["Link"])
	}
	if next.Host != "" {
		t.Fatalf("next.Host: %q, want none", next.Host)
	}
	if next.Path != "" {
		t.Fatalf("next.Path: %q, want none", next.Path)
	}
	second := call("/v1/api-keys", owner, map[string]string{"limit": next.Query().Get("limit"), "cursor": next.Query().Get("cursor")})
	if labels(first)+labels(second) != "210" {
		t.Errorf("labels(first)+labels(second): %v, want 210", labels(first)+labels(second))
	}
	if second.Header["Link"] != "" {
		t.Errorf("Link: %q, want none", second.Header["Link"])
	}
	switch a := call("/api/v1/auth/api-keys", owner, nil); {
	case len(a.JSON(t)["api_keys"].([]any)) != 3:
		t.Errorf("%d keys, want 3", len(a.JSON(t)["api_keys"].([]any)))
	case a.JSON(t)["next_cursor"] != nil:
		t.Errorf("next_cursor: %v, want none", a.JSON(t)["next_cursor"])
	}
	for _, bad := range []map[string]string{
		{"limit": ""}, {"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"limit": "-1"}, {"limit": "1e2"}, {"limit": "99999999999999999999"},
		{"cursor": "x"}, {"cursor": strings.Repeat("A", 2000)}, {"cursor": "\x00"},
	} {
		switch a := call("/v1/api-keys", owner, bad); {
		case a.Status != 400:
			t.Errorf("%v: status %d, want 400: %s", bad, a.Status, a.Body)
		case a.Code(t) != "INVALID_PARAMETER":
			t.Errorf("%v: error_code: %v, want INVALID_PARAMETER", bad, a.Code(t))
		}
	}
	stranger := gatewaytest.User("usr_B", "b@example.com", "admin", "admin")
	if a := call("/v1/api-keys", stranger, map[string]string{"cursor": next.Query().Get("cursor")}); a.Status != 400 {
		t.Errorf("another's cursor: %+v", a)
	}
}
