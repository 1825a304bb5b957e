package resource_test

import (
	"slices"
	"testing"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/resource"
)

func TestEachAPIHasTheResourcesThatAreGivenToIt(t *testing.T) {
	t.Setenv("RESOURCES", "https://offline.example.com, abc123/prod=https://campaigns.example.com?v=1,abc123/prod=urn:campaigns,http1/$default=https://campaigns.example.com?v=1,")
	l, err := env.Build(resource.FromEnv)()
	if err != nil {
		t.Fatal(err)
	}
	for api, want := range map[string][]string{
		"abc123/prod":    {"https://campaigns.example.com?v=1", "urn:campaigns"},
		"http1/$default": {"https://campaigns.example.com?v=1"},
		"abc123/test":    nil,
		"":               nil,
	} {
		if got := l.Of(api); !slices.Equal(got, want) {
			t.Errorf("%q is %v, want %v", api, got, want)
		}
	}
	for uri, want := range map[string]bool{
		"https://offline.example.com": true, "urn:campaigns": true, "https://campaigns.example.com?v=1": true,
		"https://offline.example.com/": false, "https://campaigns.example.com": false, "abc123/prod": false, "": false,
	} {
		if got := l.Has(uri); got != want {
			t.Errorf("%q is a resource: %v, want %v", uri, got, want)
		}
	}
}

func TestResourceThatIsNoAbsoluteURIStopsTheFunction(t *testing.T) {
	for _, text := range []string{
		"campaigns.example.com", "/campaigns", "abc123/prod=", "abc123/prod=campaigns", "abc123=https://a.example.com", "a/b/c=https://a.example.com",
		"https://a.example.com#part", "https://a.example.com#", "https://a.example.com/ü", "https://a example.com", "https://a.example.com/%zz", "urn:latchkey:own",
	} {
		t.Setenv("RESOURCES", text)
		if _, err := env.Build(resource.FromEnv)(); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
