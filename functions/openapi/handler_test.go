package main

import (
	"encoding/json"
	"testing"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
)

func get(t *testing.T, host string) map[string]any {
	t.Helper()
	answer := gatewaytest.Do(t, gateway.Unlimited(handler{"urn:latchkey:test"}.serve), gatewaytest.Call{
		Method: "GET", Resource: "/openapi.json", Header: map[string]string{"host": host},
	})
	if answer.Status != 200 {
		t.Fatalf("status %d, want 200: %s", answer.Status, answer.Body)
	}
	if answer.Header["Content-Type"] != "application/json" {
		t.Fatalf("Content-Type: %v, want application/json", answer.Header["Content-Type"])
	}
	return answer.JSON(t)
}

func server(t *testing.T, doc map[string]any) string {
	t.Helper()
	text, err := json.Marshal(doc["servers"])
	if err != nil {
		t.Fatal(err)
	}
	var servers []struct{ URL string }
	if err := json.Unmarshal(text, &servers); err != nil || len(servers) != 1 {
		t.Fatalf("servers are %s: %v", text, err)
	}
	return servers[0].URL
}

func TestTheDocumentNamesTheDeploymentThatServesIt(t *testing.T) {
	if got := server(t, get(t, "auth.example.org")); got != "https://auth.example.org/test" {
		t.Errorf("the server is %q", got)
	}
}

func TestAHostHeaderCannotWriteIntoTheDocument(t *testing.T) {
	hostile := `x","y":["\` + "\n"
	doc := get(t, hostile)
	if got := server(t, doc); got != "https://"+hostile+"/test" {
		t.Errorf("the server is %q", got)
	}
	if _, written := doc["y"]; written {
		t.Error("the header became part of the document")
	}
}
