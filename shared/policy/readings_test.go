package policy_test

import (
	"encoding/hex"
	gopath "path"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/policy"
	"github.com/latchkey/latchkey/shared/scope"
)

// readings are what servers behind API Gateway are known to do with a path before they route it,
// one step each; a fuzzer chooses which of them, in which order, how often. They are written as
// such servers are, not as policy.Allows is.
var readings = []struct {
	who  string
	read func(string) string
}{
	{"decodes", decode},
	{"decodes UTF-8 of any length", func(p string) string { return carelessly(decode(p)) }},
	{"decodes %u002e", decodeU},
	{"cuts parameters off each segment, as servlets do", func(p string) string {
		segments := strings.Split(p, "/")
		for i, segment := range segments {
			segments[i], _, _ = strings.Cut(segment, ";")
		}
		return strings.Join(segments, "/")
	}},
	{"takes a backslash for a slash", func(p string) string { return strings.ReplaceAll(p, `\`, "/") }},
	{"ends at a NUL", func(p string) string { before, _, _ := strings.Cut(p, "\x00"); return before }},
	{"ends at ? and #, as in a URL", func(p string) string {
		if i := strings.IndexAny(p, "?#"); i >= 0 {
			return p[:i]
		}
		return p
	}},
	{"leaves out control characters", func(p string) string {
		return strings.Map(func(c rune) rune {
			if c < 0x20 || c == 0x7f {
				return -1
			}
			return c
		}, p)
	}},
	{"normalises", gopath.Clean},
}

// decode reads percent-encoding once, and leaves what is none.
func decode(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		if p[i] == '%' && i+2 < len(p) {
			if c, err := hex.DecodeString(p[i+1 : i+3]); err == nil {
				b.WriteByte(c[0])
				i += 2
				continue
			}
		}
		b.WriteByte(p[i])
	}
	return b.String()
}

func decodeU(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		if p[i] == '%' && i+5 < len(p) && p[i+1]|0x20 == 'u' {
			if c, err := hex.DecodeString(p[i+2 : i+6]); err == nil && c[0] == 0 && c[1] < 0x80 {
				b.WriteByte(c[1])
				i += 5
				continue
			}
		}
		b.WriteByte(p[i])
	}
	return b.String()
}

// carelessly decodes UTF-8 without asking whether a character has its shortest form, in which a
// dot is one byte, and not two to six.
func carelessly(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		lead, more := p[i], 0
		for bit := byte(0x40); lead >= 0xc0 && lead < 0xfe && lead&bit != 0; bit >>= 1 {
			more++
		}
		value := uint32(lead & (0x3f >> more))
		whole := more > 0 && i+more < len(p)
		for n := 1; whole && n <= more; n++ {
			whole, value = p[i+n]&0xc0 == 0x80, value<<6|uint32(p[i+n]&0x3f)
		}
		if whole && value < 0x80 {
			b.WriteByte(byte(value))
			i += more
			continue
		}
		b.WriteByte(lead)
	}
	return b.String()
}

// opens reports whether a route is for the path that a server has read, by the letter.
func opens(routes []scope.Route, method, read string) bool {
	return slices.ContainsFunc(routes, func(r scope.Route) bool {
		before, after, wild := strings.Cut(r.Path, "*")
		return r.Method == method && (read == r.Path || wild && len(read) >= len(before)+len(after) &&
			strings.HasPrefix(read, before) && strings.HasSuffix(read, after))
	})
}

func routesForFuzzing(t testing.TB) []scope.Route {
	t.Helper()
	c, err := scope.ParseCatalogue([]byte(`{"base_paths": ["/api"], "scopes": [
		{"name": "read:x"}, {"name": "write:x", "opens": ["POST /v1/runs/{run_id}/ticket", "PUT /v1/runs/{run_id}/a/b", "DELETE /v1/y/*", "PATCH /v1/{project_id}/z/*"]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return policy.In("prj_A", policy.Routes(c, scope.Set{"read:x", "write:x"}))
}

// FuzzPathThatIsAllowedIsAllowedAsOthersReadIt looks for a path that the policy allows, and that a
// server behind API Gateway reads as a path that it does not allow.
func FuzzPathThatIsAllowedIsAllowedAsOthersReadIt(f *testing.F) {
	for _, path := range []string{
		"/api/x", "/api/x/7", "/api/x/../y", "/api/x/..;/y", `/api/x/..\y`, "/api/x/%2e%2e/y", "/api/x/%252e%252e/y", "/api/x/..%252fy",
		"/api/x/..%3b/y", "/api/x/..%00/y", "/api/x/%c0%ae%c0%ae/y", "/api/x/%e0%80%ae./y", "/api/x/%f0%80%80%ae./y", "/api/x/%u002e./y",
		"/api/x/%%32e%%32e/y", "/api/x/%2%65./y", "/v1/runs/7/ticket", "/v1/runs/7%3f/ticket", "/v1/runs/7%23/ticket", "/v1/runs/7;/ticket",
		"/v1/runs/7%00/ticket", "/v1/y/%0a", "/v1/y/.%0d./z", "/v1/prj_A/z/caf%c3%a9", "/api/x/%f8%80%80%80%ae./y", "/api/x/%fc%80%80%80%80%ae./y",
	} {
		for _, steps := range []string{"\x00\x08", "\x00\x00\x08", "\x01\x08", "\x00\x01\x08", "\x00\x03\x08", "\x03\x00\x08", "\x00\x04\x08", "\x00\x05\x08", "\x00\x06\x08", "\x00\x07\x08", "\x02\x08", "\x00\x02\x00\x08"} {
			f.Add(path, []byte(steps))
		}
	}
	routes := routesForFuzzing(f)
	f.Fuzz(func(t *testing.T, path string, steps []byte) {
		if !policy.Legible(path) || len(steps) > 8 {
			return
		}
		for _, method := range methods {
			if !policy.Allows(routes, method, path) {
				continue
			}
			read, who := path, []string{}
			for _, step := range steps {
				r := readings[int(step)%len(readings)]
				read, who = r.read(read), append(who, r.who)
				if final := gopath.Clean(read); !opens(routes, method, final) {
					t.Fatalf("%s %q is allowed, and %q to a server that %s", method, path, final, strings.Join(who, ", then "))
				}
			}
		}
	})
}

// FuzzPolicySaysWhatAllowsSays compares the policy, by the rules of IAM, with Allows.
func FuzzPolicySaysWhatAllowsSays(f *testing.F) {
	for _, path := range []string{"/api/x", "/api/x/a%20b", "/api/x/%2E%2e", "/v1/runs/7/ticket", "/v1/y/%fC", "/v1/y/%2%", "/v1/y/?", "/v1/y/*"} {
		f.Add(path)
	}
	routes := routesForFuzzing(f)
	document, err := policy.Compile(routes, stage+"GET/elsewhere")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if !policy.Legible(path) || !strings.HasPrefix(path, "/") {
			return
		}
		for _, method := range methods {
			got, want := policy.Allows(routes, method, path), allowed(t, document, method, path)
			if got != want {
				t.Fatalf("%s %q: Allows says %v, the policy %v", method, path, got, want)
			}
		}
	})
}
