package main

import (
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/env"
)

func TestAuthorizerWantsEverySetting(t *testing.T) {
	settings := map[string]string{
		"MODE": modeEdge, "TABLE_NAME": "t", "ISSUER": "us", "ISSUER_URN": "urn:us", "AUDIENCE": "them", "SIGNING_SECRET_ARN": "s", "PEPPER_SECRET_ARN": "p",
		"RATE_LIMIT_WINDOW": "60", "RATE_LIMIT_ACCOUNT": "1", "RATE_LIMIT_AUTH": "1", "RATE_LIMIT_MANAGEMENT": "1", "RATE_LIMIT_READ": "1", "RATE_LIMIT_WRITE": "1",
	}
	for name, value := range settings {
		t.Setenv(name, value)
	}
	if _, err := env.Build(authorizerFromEnv)(); err != nil {
		t.Fatal(err)
	}
	for name := range settings {
		t.Run(name, func(t *testing.T) {
			for _, value := range []string{"", "-1"} {
				if value != "" && !strings.HasPrefix(name, "RATE") && name != "MODE" {
					continue
				}
				t.Setenv(name, value)
				if _, err := env.Build(authorizerFromEnv)(); err == nil || !strings.Contains(err.Error(), name) {
					t.Errorf("%q: %v, want an error that names %s", value, err, name)
				}
			}
		})
	}
}
